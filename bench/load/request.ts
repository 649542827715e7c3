/** The bytes of an HTTP request with a JSON body, or none. Built before the measurement, not in it. */
export function requestBytes(
  method: string,
  port: number,
  target: string,
  options: { readonly body?: unknown; readonly session?: string | undefined } = {},
): Buffer {
  const { body, session } = options;
  let head = `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`;
  if (session !== undefined) head += `kvc-session: ${session}\r\n`;
  if (body === undefined) return Buffer.from(`${head}\r\n`);
  const text = JSON.stringify(body);
  return Buffer.from(
    `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

export const keyCount = 10_000;

export function keyNumber(index: number): string {
  return `key${String(index % keyCount).padStart(5, '0')}`;
}

/** 100 bytes that begin with `tag`. */
export function valueOf100Bytes(tag: number | string): string {
  return String(tag).padEnd(100, '.');
}

/** A write of every key. */
export function writeRequests(port: number): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    requestBytes('POST', port, '/write', { body: { key: keyNumber(index), value: valueOf100Bytes(index) } }),
  );
}

export function readRequests(port: number): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    requestBytes('GET', port, `/read?key=${keyNumber(index)}`),
  );
}
