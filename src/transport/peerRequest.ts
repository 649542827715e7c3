import { request } from 'node:http';
import { errorOfText } from '../protocol/errorJson.js';
import { clusterHeader } from '../protocol/replicateMessage.js';
import { readBody } from './readBody.js';

export interface PeerRequest {
  readonly url: URL;
  readonly clusterId: string;
  /** JSON. */
  readonly body: string;
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  /** Aborts the request. */
  readonly signal: AbortSignal;
}

/**
 * One request to a peer on a connection of its own, beside the stream of messages, which it must not hold up.
 * @returns the body of a 200
 * @throws KvcError the peer's own error, or KVC_E_MESSAGE_TOO_LARGE for its answer; any other error is one of the connection
 */
export async function peerRequest(options: PeerRequest): Promise<Buffer> {
  const { status, body } = await send(options);
  if (status === 200) return body;
  throw errorOfText(body.toString('utf8'), status);
}

function send(options: PeerRequest): Promise<{ status: number; body: Buffer }> {
  const { url, clusterId, body, timeoutMs } = options;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    [clusterHeader]: clusterId,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, signal }, (response) => {
      readBody(response, options.answerBytesMax).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, body: bytes }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
