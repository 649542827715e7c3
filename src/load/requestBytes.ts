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
