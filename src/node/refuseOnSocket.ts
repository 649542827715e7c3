import type { Duplex } from 'node:stream';
import type { KvcError } from '../errors.js';
import { encodeError } from '../protocol/errorJson.js';

/** Time for the client to read the answer: closing at once, with data unread, would reset the connection under it. */
const lingerMs = 1000;

/** Answers with the error, as HTTP, on a connection that node:http does not answer on, and closes it. */
export function refuseOnSocket(error: KvcError, socket: Duplex): void {
  const body = JSON.stringify(encodeError(error));
  const { httpStatus, retryable } = error.kind;
  const head = [
    `HTTP/1.1 ${httpStatus} Refused`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryable && httpStatus === 503 ? ['Retry-After: 1'] : []),
    'Connection: close',
  ];
  // Nobody is left to be told.
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}
