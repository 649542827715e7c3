import type { Content } from '../../core/contents.js';
import { respErrorOf, wrongType } from '../../protocol/resp/respError.js';
import type { Reply } from './reply.js';

export const ok: Reply = (writer) => writer.simple('OK');
export const nil: Reply = (writer) => writer.nil();

export function integer(value: number): Reply {
  return (writer) => writer.integer(value);
}

export function bulk(value: Uint8Array | string): Reply {
  return (writer) => writer.bulk(value);
}

/** A value, or a counter as text. @throws RespError of a set */
export function stringReply(content: Content | undefined): Reply {
  const bytes = stringOf(content);
  return bytes === undefined ? nil : bulk(bytes);
}

/** undefined: nothing is there. @throws RespError of a set */
export function stringOf(content: Content | undefined): Uint8Array | string | undefined {
  if (content === undefined) return undefined;
  if (content.type === 'set') throw wrongType();
  if (content.type === 'counter') return String(content.count);
  return content.value ?? undefined;
}

export function errorReply(error: unknown): Reply {
  const { code, message } = respErrorOf(error);
  return (writer) => writer.error(code, message);
}
