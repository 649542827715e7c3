import type { Duplex } from 'node:stream';
import { KvcError } from '../errors.js';
import { encodeError } from '../protocol/errorJson.js';

/** Time for the client to read the answer: closing at once, with data unread, would reset the connection under it. */
const lingerMs = 1000;

/** Answers what is no HTTP request in the form of every other refusal; left alone, node:http sends no body. */
export function refuseUnreadable(cause: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || cause.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const error = unreadable(cause);
  const body = JSON.stringify(encodeError(error));
  const head = [
    `HTTP/1.1 ${error.kind.httpStatus} Refused`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}

function unreadable({ code, message }: NodeJS.ErrnoException): KvcError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new KvcError('KVC_E_MESSAGE_TOO_LARGE', 'the line and headers of the request are too long');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new KvcError('KVC_E_BAD_REQUEST', 'the request did not arrive whole within the time allowed');
  }
  return new KvcError('KVC_E_BAD_REQUEST', `this is no HTTP request that can be read: ${message}`);
}
