import type { OpenedFile } from './files.js';

/** A write may take fewer bytes than it was given, on a disk that is nearly full for one. */
export async function writeFully(file: OpenedFile, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) throw new Error('the disk took no bytes');
    written += bytesWritten;
  }
}
