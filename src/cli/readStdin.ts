import { KvcError } from '../errors.js';

/**
 * All bytes of a stream up to its end.
 * @throws KvcError KVC_E_VALUE_TOO_LARGE as soon as there are more than `bytesMax`
 */
export async function readStdin(stream: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      throw new KvcError(
        'KVC_E_VALUE_TOO_LARGE',
        `the value on standard input is longer than ${bytesMax} bytes, which is the limit`,
        { limit: bytesMax },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
