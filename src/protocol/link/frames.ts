import type { ByteWriter } from './byteWriter.js';

/** What the frames of a link are, by their first byte. */
export const frameTypes = { message: 1, answer: 2, refusal: 3 } as const;

/** The bytes before the content of a frame: its length, 32 bits with the highest first, and its type. */
export const frameHeadBytes = 5;

/** Writes one frame. @returns how long its content is */
export function writeFrame(writer: ByteWriter, type: number, content: () => void): number {
  const gap = writer.gap32();
  writer.byte(type);
  const start = writer.length;
  content();
  const length = writer.length - start;
  writer.fill32(gap, length);
  return length;
}
