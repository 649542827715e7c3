import { dirname } from 'node:path';
import type { Files } from './files.js';
import { writeFully } from './writeFully.js';

/**
 * Writes a small file so that after a crash there is either the whole of it, durable, or what was there before. Only one
 * process may write it.
 */
export async function writeDurably(files: Files, path: string, text: string): Promise<void> {
  const draft = `${path}.tmp`;
  try {
    await writeNew(files, draft, Buffer.from(text));
    await files.rename(draft, path);
  } catch (error) {
    await files.remove(draft).catch(() => undefined);
    throw error;
  }
  await files.syncDir(dirname(path));
}

async function writeNew(files: Files, path: string, bytes: Buffer): Promise<void> {
  const file = await files.open(path, 'w');
  try {
    await writeFully(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
