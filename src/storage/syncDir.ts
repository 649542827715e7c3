import { open } from 'node:fs/promises';

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
