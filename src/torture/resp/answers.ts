import { nodeOf } from '../../core/ids.js';
import { errorKinds, KvcError, type ErrorCode } from '../../errors.js';
import type { ClockJson, DotJson } from '../../protocol/api.js';
import { encodeDot, parseDot } from '../../protocol/clockJson.js';
import type { RespAnswer } from '../../protocol/resp/replyParser.js';
import type { RespError } from '../../protocol/resp/respError.js';
import { decodeToken } from '../../protocol/sessionToken.js';
import type { ReadEntry } from '../clientNodes.js';

/** From what nodes answer over the Redis protocol to what they answer over HTTP. All throw KVC_E_INTERNAL for other answers. */

export function textOf(answer: RespAnswer | undefined): string {
  if (Buffer.isBuffer(answer)) return answer.toString();
  if (typeof answer === 'string') return answer;
  throw unexpected(answer);
}

export function listOf(answer: RespAnswer | undefined): readonly RespAnswer[] {
  if (Array.isArray(answer)) return answer as readonly RespAnswer[];
  throw unexpected(answer);
}

/** Of KVC.SIBLINGS. */
export function entryOf(key: string, answer: RespAnswer | undefined): ReadEntry {
  const versions = listOf(answer).map((each) => {
    const [dot, value] = listOf(each);
    return { dot: dotOf(textOf(dot)), value: value === null ? null : textOf(value) };
  });
  const [winner, ...siblings] = versions;
  return winner === undefined ? { key, value: null, dot: null, siblings: [] } : { key, ...winner, siblings };
}

/** Of KVC.CLOCK: replica ids and counters in turn. */
export function clockOf(answer: RespAnswer | undefined): ClockJson {
  const list = listOf(answer);
  const clock: Record<string, number> = {};
  for (let index = 0; index < list.length; index += 2) clock[textOf(list[index])] = Number(list[index + 1]);
  return clock;
}

/**
 * The dot of a write by what the session has seen before and after it; null if that does not tell, as where nothing was written.
 * @param node - the one that made it
 */
export function writtenDot(node: string, before: string | undefined, after: string): DotJson | null {
  const known = before === undefined || before === 'new' ? undefined : decodeToken(before).context;
  const own = [...decodeToken(after).context].filter(
    ([replica, counter]) => nodeOf(replica) === node && counter !== known?.get(replica),
  );
  const [first] = own;
  return own.length === 1 && first !== undefined ? encodeDot({ replica: first[0], counter: first[1] }) : null;
}

/** With the code that the node gave; what has none of kvc should not have happened. */
export function errorOf({ code, message }: RespError): KvcError {
  if (code === 'LOADING') return new KvcError('KVC_E_NOT_READY', message);
  if (Object.hasOwn(errorKinds, code)) return new KvcError(code as ErrorCode, message);
  return new KvcError('KVC_E_INTERNAL', `answered with ${code} ${message}`);
}

function dotOf(text: string): DotJson {
  const [node = '', counter] = text.split(':');
  return encodeDot(parseDot({ node, counter: Number(counter) }, 'dot'));
}

function unexpected(answer: RespAnswer | undefined): KvcError {
  return new KvcError('KVC_E_INTERNAL', `an answer that was not to be expected: ${JSON.stringify(answer)}`);
}
