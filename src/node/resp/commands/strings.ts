import { isLive, winnerOf, type Content } from '../../../core/contents.js';
import type { KeyChange } from '../../../core/step.js';
import type { Operation } from '../../../core/update.js';
import { limits } from '../../../protocol/limits.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { RespError, syntaxError } from '../../../protocol/resp/respError.js';
import { integerOf, nameOf, pairsOf, requireAnswerBytes, requireBatch, valueOf } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { Read, Write, WritePlan } from '../plans.js';
import type { Reply } from '../reply.js';
import type { KeyView } from '../keyView.js';
import { bulk, integer, nil, ok, stringOf, stringReply } from '../replies.js';

const empty = Buffer.alloc(0);

export const stringCommands: readonly Command[] = [
  {
    kind: 'read',
    name: 'get',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'The value of a key; of several siblings, the winner',
    parse: ([word = empty]) => lookAt(keyOfBytes(word), stringReply),
  },
  {
    kind: 'read',
    name: 'strlen',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'Bytes of the value of a key',
    parse: ([word = empty]) => lookAt(keyOfBytes(word), (content) => integer(lengthOf(stringOf(content)))),
  },
  {
    kind: 'read',
    name: 'mget',
    arity: -2,
    keys: [1, -1, 1],
    summary: 'The values of many keys, all of one moment',
    parse: parseMget,
  },
  {
    kind: 'write',
    name: 'set',
    arity: -3,
    keys: [1, 1, 1],
    summary: 'Writes a value: [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]',
    parse: (args) => {
      const key = keyOfBytes(args[0] ?? empty);
      const value = valueOf(args[1]);
      return args.length === 2 ? new PlainSet(key, value) : set(key, value, args.slice(2));
    },
  },
  {
    kind: 'write',
    name: 'setnx',
    arity: 3,
    keys: [1, 1, 1],
    summary: 'Writes a value if the key has none here',
    parse: ([key = empty, value = empty]) => setnx(keyOfBytes(key), valueOf(value)),
  },
  ...(['setex', 'psetex'] as const).map((name): Command => ({
    kind: 'write',
    name,
    arity: 4,
    keys: [1, 1, 1],
    summary: 'Writes a value for a time',
    parse: ([key = empty, time, value = empty]) =>
      set(keyOfBytes(key), valueOf(value), [Buffer.from(name === 'setex' ? 'EX' : 'PX'), time ?? empty]),
  })),
  {
    kind: 'write',
    name: 'getset',
    arity: 3,
    keys: [1, 1, 1],
    summary: 'Writes a value and tells the one before',
    parse: ([key = empty, value = empty]) => set(keyOfBytes(key), valueOf(value), [Buffer.from('GET')]),
  },
  {
    kind: 'write',
    name: 'getdel',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'Deletes a key and tells its value',
    parse: ([key = empty]) => getdel(keyOfBytes(key)),
  },
  {
    kind: 'write',
    name: 'mset',
    arity: -3,
    keys: [1, -1, 2],
    summary: 'Writes many values as one update',
    parse: parseMset,
  },
];

/** @param reply - throws if the key holds what the command is not for */
export function lookAt(key: string, reply: (content: Content | undefined) => Reply): Read {
  return { keys: [key], read: (view) => reply(view.winner(key)) };
}

function lengthOf(value: Uint8Array | string | undefined): number {
  return value?.length ?? 0;
}

/** A key that holds no string is nil among the others, as Redis has it. */
function parseMget(args: Args): Read {
  if (args.length > limits.readKeysMax) {
    throw new RespError(
      `${args.length} keys at once; at most ${limits.readKeysMax} are read as one snapshot`,
    );
  }
  const keys = args.map(keyOfBytes);
  return {
    keys,
    read: (view) => {
      const values = keys.map((key) => {
        const content = view.winner(key);
        return content?.type === 'set' ? undefined : stringOf(content);
      });
      requireAnswerBytes(values.reduce((sum, value) => sum + lengthOf(value), 0));
      return (writer) => {
        writer.array(values.length);
        for (const value of values) (value === undefined ? nil : bulk(value))(writer);
      };
    },
  };
}

function parseMset(args: Args): Write {
  const operations = pairsOf(args, 'mset').map(([key, value]): Operation => ({
    kind: 'put',
    key: keyOfBytes(key),
    value: valueOf(value),
  }));
  requireBatch(operations.length);
  return {
    keys: operations.map(({ key }) => key),
    looks: false,
    plan: () => ({ operations, reply: () => ok }),
  };
}

interface SetOptions {
  readonly when: 'nx' | 'xx' | undefined;
  readonly tellsOld: boolean;
  readonly keepsTime: boolean;
  /** When it expires, given the time now; undefined: never. */
  readonly expiresMs: ((nowMs: number) => number) | undefined;
}

function set(key: string, value: Uint8Array, words: Args): Write {
  const options = setOptionsOf(words);
  const { when, tellsOld, keepsTime, expiresMs } = options;
  const looks = when !== undefined || tellsOld || keepsTime;
  return {
    keys: [key],
    looks,
    plan: (view, clock) => {
      if (looks) return setAfterLook(key, value, options, view, clock);
      return { operations: [putOf(key, value, expiresMs?.(clock.nowMs()))], reply: () => ok };
    },
  };
}

/** Most writes are: one object, which is its own plan, where others make one for each attempt. */
class PlainSet implements Write, WritePlan {
  readonly operations: readonly [Operation];
  readonly looks = false;

  constructor(key: string, value: Uint8Array) {
    this.operations = [{ kind: 'put', key, value }];
  }

  get keys(): readonly string[] {
    return [this.operations[0].key];
  }

  plan(): WritePlan {
    return this;
  }

  reply(): Reply {
    return ok;
  }
}

function setAfterLook(
  key: string,
  value: Uint8Array,
  { when, tellsOld, keepsTime, expiresMs }: SetOptions,
  view: KeyView,
  clock: { nowMs(): number },
): WritePlan {
  const old = view.winner(key);
  const answer = (whenNot: Reply): Reply => (tellsOld ? stringReply(old) : whenNot);
  const isThere = isLive(old);
  if (when !== undefined && isThere !== (when === 'xx')) return { operations: [], reply: () => answer(nil) };
  const untilMs = keepsTime && old?.type === undefined ? old?.expiresMs : expiresMs?.(clock.nowMs());
  const reply = answer(ok);
  return { operations: [putOf(key, value, untilMs)], isConditional: true, reply: () => reply };
}

function setnx(key: string, value: Uint8Array): Write {
  return {
    keys: [key],
    looks: true,
    plan: (view) => {
      if (isLive(view.winner(key))) return { operations: [], reply: () => integer(0) };
      return { operations: [putOf(key, value, undefined)], isConditional: true, reply: () => integer(1) };
    },
  };
}

function getdel(key: string): Write {
  return {
    keys: [key],
    looks: true,
    plan: (view) => {
      const reply = stringReply(view.winner(key));
      if (!isLive(view.winner(key))) return { operations: [], reply: () => reply };
      return { operations: [{ kind: 'delete', key }], isConditional: true, reply: () => reply };
    },
  };
}

export function putOf(key: string, value: Uint8Array, expiresMs: number | undefined): Operation {
  return expiresMs === undefined ? { kind: 'put', key, value } : { kind: 'put', key, value, expiresMs };
}

function setOptionsOf(words: Args): SetOptions {
  let when: SetOptions['when'];
  let tellsOld = false;
  let keepsTime = false;
  let expiresMs: SetOptions['expiresMs'];
  for (let index = 0; index < words.length; index += 1) {
    const name = nameOf(words[index]);
    const isTimed = keepsTime || expiresMs !== undefined;
    if ((name === 'nx' || name === 'xx') && (when ?? name) === name) when = name;
    else if (name === 'get') tellsOld = true;
    else if (name === 'keepttl' && !isTimed) keepsTime = true;
    else if (isExpiryUnit(name) && !isTimed && index + 1 < words.length) {
      expiresMs = expiryOf('set', name, integerOf(words[(index += 1)]));
    } else throw syntaxError();
  }
  return { when, tellsOld, keepsTime, expiresMs };
}

const expiryUnits = {
  ex: { msEach: 1000, isAbsolute: false },
  px: { msEach: 1, isAbsolute: false },
  exat: { msEach: 1000, isAbsolute: true },
  pxat: { msEach: 1, isAbsolute: true },
} as const;

function isExpiryUnit(name: string): name is keyof typeof expiryUnits {
  return Object.hasOwn(expiryUnits, name);
}

/** When something expires, by the words of a command. @throws RespError for times that are none, or too far away */
function expiryOf(
  command: string,
  unit: keyof typeof expiryUnits,
  amount: number,
): (nowMs: number) => number {
  const { msEach, isAbsolute } = expiryUnits[unit];
  const ms = amount * msEach;
  if (amount <= 0) throw new RespError(`invalid expire time in '${command}' command`);
  if (!isAbsolute) {
    if (ms > limits.ttlMsMax) throw new RespError(`invalid expire time in '${command}' command`);
    return (nowMs) => Math.ceil(nowMs + ms);
  }
  return (nowMs) => {
    if (ms - nowMs > limits.ttlMsMax) throw new RespError(`invalid expire time in '${command}' command`);
    return ms;
  };
}

/** How many keys had something, and have not any more. */
export function countGone(changes: readonly KeyChange[]): number {
  return changes.filter(({ before, after }) => isLive(winnerOf(before)) && !isLive(winnerOf(after))).length;
}
