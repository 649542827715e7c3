import { isLive, outlineOf } from '../../../core/contents.js';
import type { Operation } from '../../../core/update.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { requireBatch } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { Read, Write } from '../plans.js';
import { integer } from '../replies.js';
import { countGone } from './strings.js';

export const keyCommands: readonly Command[] = [
  ...['del', 'unlink'].map((name): Command => ({
    kind: 'write',
    name,
    arity: -2,
    keys: [1, -1, 1],
    summary: 'Deletes keys, as one update',
    parse: parseDel,
  })),
  {
    kind: 'read',
    name: 'exists',
    arity: -2,
    keys: [1, -1, 1],
    summary: 'How many of these keys hold something',
    parse: (args) => countLive(args),
  },
  {
    kind: 'read',
    name: 'touch',
    arity: -2,
    keys: [1, -1, 1],
    summary: 'The same as EXISTS',
    parse: (args) => countLive(args),
  },
  {
    kind: 'read',
    name: 'type',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'string (values and counters), set or none',
    parse: parseType,
  },
];

function parseDel(args: Args): Write {
  const keys = [...new Set(args.map(keyOfBytes))];
  requireBatch(keys.length);
  return {
    keys,
    looks: true,
    family: 'deletion',
    plan: (view) => {
      const live = keys.filter((key) => isLive(view.winner(key)));
      const operations = live.map((key): Operation => ({ kind: 'delete', key }));
      return { operations, tellsChanges: true, reply: (changes) => integer(countGone(changes)) };
    },
  };
}

function countLive(args: Args): Read {
  const keys = args.map(keyOfBytes);
  return { keys, read: (view) => integer(keys.filter((key) => isLive(view.winner(key))).length) };
}

function parseType([word]: Args): Read {
  const key = keyOfBytes(word ?? Buffer.alloc(0));
  return {
    keys: [key],
    read: (view) => {
      const { type } = outlineOf(view.versions(key));
      return (writer) => writer.simple(type === undefined ? 'none' : type === 'set' ? 'set' : 'string');
    },
  };
}
