import type { Socket } from 'node:net';

/** How long a client may take to end its side of a connection that the node has ended. */
const lingerMs = 1000;

/**
 * Ends a connection: sends what is still to be sent, lets go of what comes in, and soon does not wait for the client any more.
 * Not at once: a connection that is closed with input unread takes from its client what was sent last.
 * @param last - to be sent last
 */
export function hangUp(socket: Socket, last?: string): void {
  const linger = (): void => {
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
  };
  // Without a reader, its end would never be seen, and so the connection never be closed.
  socket.resume();
  if (last === undefined) socket.end(linger);
  else socket.end(last, linger);
}
