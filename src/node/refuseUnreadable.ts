import type { Duplex } from 'node:stream';
import { KvcError } from '../errors.js';
import { refuseOnSocket } from './refuseOnSocket.js';

/** Answers what is no HTTP request in the form of every other refusal; left alone, node:http sends no body. */
export function refuseUnreadable(cause: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || cause.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  refuseOnSocket(unreadable(cause), socket);
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
