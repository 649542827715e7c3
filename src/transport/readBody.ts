import type { IncomingMessage } from 'node:http';
import { KvcError } from '../errors.js';

/** @throws KvcError KVC_E_MESSAGE_TOO_LARGE */
export async function readBody(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      throw new KvcError('KVC_E_MESSAGE_TOO_LARGE', `the answer exceeds ${bytesMax} bytes`, {
        limit: bytesMax,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
