import { crc32 } from 'node:zlib';

/** From here on the call into zlib, about as long as 256 bytes take here, is made up for by how fast it is. */
const bytesForZlib = 256;

/**
 * The CRC-32 of a part of some bytes. For short parts it takes a third of the time of zlib's, which wants a view of the part
 * and a call out of JavaScript for each: that counts where there are a million.
 * @param start - the index of the first byte
 * @param end - the index behind the last one
 * @param before - the checksum of what comes before that part
 */
export function checksumOf(bytes: Uint8Array, start: number, end: number, before = 0): number {
  if (end - start >= bytesForZlib) return crc32(bytes.subarray(start, end), before);
  let sum = ~before;
  let at = start;
  for (; at + 4 <= end; at += 4) sum = fourMore(sum ^ wordAt(bytes, at));
  for (; at < end; at += 1) sum = (sum >>> 8) ^ entry((sum ^ (bytes[at] ?? 0)) & 0xff);
  return ~sum >>> 0;
}

/** By four tables at once, of which each has what a byte becomes that so many others follow. */
function fourMore(word: number): number {
  const [first, second, third, last] = [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24];
  return entry(768 + first) ^ entry(512 + second) ^ entry(256 + third) ^ entry(last);
}

function wordAt(bytes: Uint8Array, at: number): number {
  const byte = (offset: number): number => bytes[at + offset] ?? 0;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

function entry(index: number): number {
  return tables[index] ?? 0;
}

const polynomial = 0xedb88320;
const tables = createTables();

function createTables(): Int32Array {
  const made = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? polynomial : 0);
    made[byte] = sum;
  }
  for (let index = 256; index < made.length; index += 1) {
    const before = made[index - 256] ?? 0;
    made[index] = (before >>> 8) ^ (made[before & 0xff] ?? 0);
  }
  return made;
}
