/** A command as clients of the Redis protocol send it: an array of bulk strings. */
export function requestBytes(words: readonly string[]): Buffer {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${bulks.join('')}`);
}
