import { Buffer } from 'node:buffer';
import { createServer } from 'node:net';

/*
 * The least that a server of the Redis protocol in Node.js can do: find the words of every request and send a constant.
 * Run: bareResp.js VALUE. Tells its port over IPC and ends with its parent.
 */

const value = process.argv[2];
const ok = Buffer.from('+OK\r\n');
const bulk = Buffer.from(`$${Buffer.byteLength(value)}\r\n${value}\r\n`);
const none = Buffer.from('*0\r\n');
/** By the first letter of the command, in upper case. */
const replies = new Map([
  [0x53, ok],
  [0x47, bulk],
]);

const server = createServer({ noDelay: true }, (socket) => {
  let rest;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const out = [];
    let at = 0;
    for (let end = endOfRequest(bytes, at, out); end > 0; end = endOfRequest(bytes, at, out)) at = end;
    rest = at === bytes.length ? undefined : bytes.subarray(at);
    if (out.length === 1) socket.write(out[0]);
    else if (out.length > 0) socket.write(Buffer.concat(out));
  });
});

/** Also adds the reply to it. 0: it is not whole. */
function endOfRequest(bytes, from, out) {
  let [words, at] = number(bytes, from + 1);
  let command = 0;
  for (let word = 0; word < words; word += 1) {
    const [length, start] = number(bytes, at + 1);
    at = start + length + 2;
    if (start === 0 || at > bytes.length) return 0;
    if (word === 0) command = bytes[start] & 0xdf;
  }
  if (at > 0) out.push(replies.get(command) ?? none);
  return at;
}

/** The number up to the end of the line, and where the next line begins; 0 if that is not there yet. */
function number(bytes, from) {
  let value = 0;
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] === 13) return [value, at + 2];
    value = value * 10 + bytes[at] - 48;
  }
  return [0, 0];
}

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
