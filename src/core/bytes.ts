/** Short values share pieces of memory of this size. */
const pieceBytes = 1024;
/** So long, and no longer, are those that do. */
const shortBytesMax = pieceBytes / 4;

let piece = new Uint8Array(pieceBytes);
let pieceUsed = 0;

/**
 * A copy to be kept, of bytes that must not be: what was received, or read. Memory of its own costs more for each short value than
 * the value, to make and to clear away. A piece stays as long as one of its values does, so that it is small.
 */
export function keptCopy(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > shortBytesMax) return new Uint8Array(bytes);
  if (pieceUsed + length > pieceBytes) {
    piece = new Uint8Array(pieceBytes);
    pieceUsed = 0;
  }
  piece.set(bytes, pieceUsed);
  const copy = new Uint8Array(piece.buffer, pieceUsed, length);
  pieceUsed += length;
  return copy;
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** By unsigned bytes; of one that the other begins with, the shorter comes first. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Each once, in the order of `compareBytes`. */
export function sortedBytes(all: readonly Uint8Array[]): Uint8Array[] {
  const sorted = all.toSorted(compareBytes);
  return sorted.filter((bytes, index) => index === 0 || !sameBytes(bytes, sorted[index - 1] ?? bytes));
}

/** Where bytes stand among sorted ones; -1 if they do not. */
export function indexOfBytes(sorted: readonly Uint8Array[], bytes: Uint8Array): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const order = compareBytes(sorted[middle] ?? bytes, bytes);
    if (order === 0) return middle;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return -1;
}
