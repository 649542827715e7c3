import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the names in a directory durable: a new file is not safe before its directory is, however often it is synced. */
export async function syncDir(dir: string): Promise<void> {
  // Windows cannot open a directory, and its file systems journal names by themselves.
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a small file so that after a crash there is either the whole of it, durable, or what was there before. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await syncDir(dirname(path));
}
