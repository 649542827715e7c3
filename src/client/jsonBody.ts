import type { IncomingHttpHeaders } from 'node:http';

/** What is sent of a body, with the headers that say so: bytes as they are, anything else as JSON. */
export function encodeBody(body: unknown): { bytes?: Uint8Array; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} };
  const isRaw = body instanceof Uint8Array;
  const bytes = isRaw ? body : Buffer.from(JSON.stringify(body));
  const type = isRaw ? 'application/octet-stream' : 'application/json';
  return { bytes, headers: { 'content-type': type, 'content-length': String(bytes.byteLength) } };
}

/** The body of an answer, decoded where its headers say that it is JSON; else its text. */
export function decodeBody(headers: IncomingHttpHeaders, text: string): unknown {
  const isJson = headers['content-type']?.startsWith('application/json') ?? false;
  return isJson && text !== '' ? JSON.parse(text) : text;
}
