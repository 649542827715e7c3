import { isLive, type Content } from '../../../core/contents.js';
import { limits } from '../../../protocol/limits.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { RespError } from '../../../protocol/resp/respError.js';
import { integerOf, nameOf } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { Write, WritePlan } from '../plans.js';
import { integer } from '../replies.js';
import { lookAt, putOf } from './strings.js';

const empty = Buffer.alloc(0);
const inMs = (unitMs: number, isAbsolute: boolean) => ({ unitMs, isAbsolute });

const setters = {
  expire: inMs(1000, false),
  pexpire: inMs(1, false),
  expireat: inMs(1000, true),
  pexpireat: inMs(1, true),
};

const getters = {
  ttl: inMs(1000, false),
  pttl: inMs(1, false),
  expiretime: inMs(1000, true),
  pexpiretime: inMs(1, true),
};

type Unit = ReturnType<typeof inMs>;

export const expiryCommands: readonly Command[] = [
  ...Object.entries(setters).map(([name, unit]): Command => ({
    kind: 'write',
    name,
    arity: -3,
    keys: [1, 1, 1],
    summary: 'Lets a value expire, by writing it again for a time [NX | XX | GT | LT]',
    parse: (args) => expire(name, unit, args),
  })),
  {
    kind: 'write',
    name: 'persist',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'Lets a value live for good, by writing it again',
    parse: ([key = empty]) => persist(keyOfBytes(key)),
  },
  ...Object.entries(getters).map(([name, unit]): Command => ({
    kind: 'read',
    name,
    arity: 2,
    keys: [1, 1, 1],
    summary: 'When a value expires; -1: never, -2: there is none',
    parse: ([key = empty]) => lookAt(keyOfBytes(key), (content) => integer(timeOf(content, unit))),
  })),
];

/** To the nearest unit, as Redis has it: what was set as 100 s, up to a part of a ms, is told as that. */
function timeOf(content: Content | undefined, { unitMs, isAbsolute }: Unit): number {
  if (content === undefined || !isLive(content)) return -2;
  const expiresMs = content.type === undefined ? content.expiresMs : undefined;
  if (expiresMs === undefined) return -1;
  return Math.max(0, Math.round((expiresMs - (isAbsolute ? 0 : Date.now())) / unitMs));
}

function expire(name: string, { unitMs, isAbsolute }: Unit, [word = empty, time, ...words]: Args): Write {
  const key = keyOfBytes(word);
  const ms = integerOf(time) * unitMs;
  const rule = ruleOf(words);
  if (!Number.isSafeInteger(ms)) throw invalidTime(name);
  return {
    keys: [key],
    looks: true,
    plan: (view, clock) => {
      const nowMs = clock.nowMs();
      const untilMs = Math.ceil(isAbsolute ? ms : nowMs + ms);
      if (untilMs - nowMs > limits.ttlMsMax) throw invalidTime(name);
      return rewrite(key, view.winner(key), (known) => {
        if (rule !== undefined && !rules[rule](known ?? Infinity, untilMs)) return undefined;
        return untilMs > nowMs ? { untilMs } : 'gone';
      });
    },
  };
}

function persist(key: string): Write {
  return {
    keys: [key],
    looks: true,
    plan: (view) =>
      rewrite(key, view.winner(key), (known) => (known === undefined ? undefined : { untilMs: undefined })),
  };
}

/** @param decide - undefined: nothing is to be done */
function rewrite(
  key: string,
  content: Content | undefined,
  decide: (knownMs: number | undefined) => { readonly untilMs: number | undefined } | 'gone' | undefined,
): WritePlan {
  const nothing: WritePlan = { operations: [], reply: () => integer(0) };
  if (content === undefined || !isLive(content)) return nothing;
  if (content.type !== undefined || content.value === null) {
    throw new RespError(`a ${content.type ?? 'tombstone'} does not expire, only values do`);
  }
  const decided = decide(content.expiresMs);
  if (decided === undefined) return nothing;
  const operation =
    decided === 'gone' ? ({ kind: 'delete', key } as const) : putOf(key, content.value, decided.untilMs);
  return { operations: [operation], isConditional: true, reply: () => integer(1) };
}

/** Without an expiry a value counts as one that lives for ever. */
const rules = {
  nx: (known: number) => known === Infinity,
  xx: (known: number) => known !== Infinity,
  gt: (known: number, wanted: number) => wanted > known,
  lt: (known: number, wanted: number) => wanted < known,
} as const;

function ruleOf(words: Args): keyof typeof rules | undefined {
  if (words.length === 0) return undefined;
  const name = nameOf(words[0]);
  if (words.length > 1)
    throw new RespError('NX and XX, GT or LT options at the same time are not compatible');
  if (Object.hasOwn(rules, name)) return name as keyof typeof rules;
  throw new RespError(`Unsupported option ${name}`);
}

function invalidTime(name: string): RespError {
  return new RespError(`invalid expire time in '${name}' command`);
}
