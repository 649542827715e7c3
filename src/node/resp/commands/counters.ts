import { isLive, winnerOf, type Content } from '../../../core/contents.js';
import type { KeyChange } from '../../../core/step.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { notInteger, RespError, wrongType } from '../../../protocol/resp/respError.js';
import { integerOf } from '../args.js';
import type { Command } from '../command.js';
import type { Write, WritePlan } from '../plans.js';
import type { KeyView } from '../keyView.js';
import { integer } from '../replies.js';
import { putOf } from './strings.js';

const empty = Buffer.alloc(0);

export const counterCommands: readonly Command[] = [
  counter('incr', () => 1),
  counter('decr', () => -1),
  counter('incrby', integerOf),
  counter('decrby', (word) => -integerOf(word)),
];

function counter(name: string, amountOf: (word: Buffer | undefined) => number): Command {
  return {
    kind: 'write',
    name,
    arity: amountOf.length === 0 ? 2 : 3,
    keys: [1, 1, 1],
    summary: 'Changes a counter; concurrent changes add up',
    parse: ([key = empty, amount]) => increment(keyOfBytes(key), amountOf(amount)),
  };
}

function increment(key: string, amount: number): Write {
  const family = amount === 0 ? {} : { family: 'counter' as const };
  return { keys: [key], looks: true, ...family, plan: (view) => planOf(view, key, amount) };
}

/**
 * A value that is the text of an integer is counted as Redis counts, and stays a value: to make a counter of it would have to
 * delete it first, and that would take away what others count meanwhile.
 */
function planOf(view: KeyView, key: string, amount: number): WritePlan {
  const content = view.winner(key);
  if (content?.type === 'set') throw wrongType();
  if (content === undefined || content.type === 'counter' || !isLive(content)) {
    // Nothing is replicated where nothing changes.
    if (amount === 0) return { operations: [], reply: () => integer(countOf(content)) };
    const reply = ([change]: readonly KeyChange[]) => integer(countOf(winnerOf(change?.after)));
    return { operations: [{ kind: 'increment', key, amount }], tellsChanges: true, reply };
  }
  const total = integerOf(Buffer.from(content.value ?? '')) + amount;
  if (!Number.isSafeInteger(total)) throw new RespError('increment or decrement would overflow');
  const value = Uint8Array.from(Buffer.from(String(total)));
  const operation = putOf(key, value, content.expiresMs);
  return { operations: [operation], isConditional: true, reply: () => integer(total) };
}

function countOf(content: Content | undefined): number {
  if (content?.type === 'counter') return content.count;
  if (content !== undefined && isLive(content)) throw notInteger();
  return 0;
}
