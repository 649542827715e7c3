import { indexOfBytes, keptCopy, sortedBytes } from '../../../core/bytes.js';
import { contentsOf, isLive, type Content } from '../../../core/contents.js';
import type { KeyChange } from '../../../core/step.js';
import type { Versions } from '../../../core/versions.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { wrongType } from '../../../protocol/resp/respError.js';
import { memberOf, requireBatch } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { Write } from '../plans.js';
import { integer } from '../replies.js';
import { lookAt } from './strings.js';

const empty = Buffer.alloc(0);

export const setCommands: readonly Command[] = [
  {
    kind: 'write',
    name: 'sadd',
    arity: -3,
    keys: [1, 1, 1],
    summary: 'Adds members to a set; of a concurrent removal the addition wins',
    parse: (args) => change('add', args),
  },
  {
    kind: 'write',
    name: 'srem',
    arity: -3,
    keys: [1, 1, 1],
    summary: 'Removes members from a set, those additions of them that are known here',
    parse: (args) => change('remove', args),
  },
  {
    kind: 'read',
    name: 'smembers',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'The members of a set, in the order of their bytes',
    parse: ([key = empty]) =>
      lookAt(keyOfBytes(key), (content) => {
        const members = membersOf(content);
        return (writer) => {
          writer.set(members.length);
          for (const member of members) writer.bulk(member);
        };
      }),
  },
  {
    kind: 'read',
    name: 'scard',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'How many members a set has',
    parse: ([key = empty]) => lookAt(keyOfBytes(key), (content) => integer(membersOf(content).length)),
  },
  {
    kind: 'read',
    name: 'sismember',
    arity: 3,
    keys: [1, 1, 1],
    summary: 'Whether a set has a member',
    parse: ([key = empty, word = empty]) => {
      const member = keptOf(word);
      return lookAt(keyOfBytes(key), (content) =>
        integer(Number(indexOfBytes(membersOf(content), member) >= 0)),
      );
    },
  },
  {
    kind: 'read',
    name: 'smismember',
    arity: -3,
    keys: [1, 1, 1],
    summary: 'Which of these members a set has',
    parse: ([key = empty, ...words]) => {
      const asked = words.map(keptOf);
      return lookAt(keyOfBytes(key), (content) => {
        const members = membersOf(content);
        return (writer) => {
          writer.array(asked.length);
          for (const member of asked) writer.integer(Number(indexOfBytes(members, member) >= 0));
        };
      });
    },
  },
];

/** What was received is not kept as long as a transaction may wait. Of any size: what no set can hold, none has. */
function keptOf(word: Buffer): Uint8Array {
  return keptCopy(word);
}

/** @throws RespError of anything but a set */
function membersOf(content: Content | undefined): readonly Uint8Array[] {
  if (content === undefined || !isLive(content)) return [];
  if (content.type !== 'set') throw wrongType();
  return content.members;
}

function change(kind: 'add' | 'remove', [word, ...words]: Args): Write {
  const key = keyOfBytes(word ?? empty);
  const members = sortedBytes(words.map(memberOf));
  requireBatch(members.length);
  return {
    keys: [key],
    looks: true,
    family: kind === 'add' ? 'addition' : 'removal',
    plan: (view) => {
      const there = membersOf(view.winner(key));
      const changed = kind === 'add' ? members : members.filter((each) => indexOfBytes(there, each) >= 0);
      const operations = changed.map((member) => ({ kind, key, member }));
      return { operations, tellsChanges: true, reply: (changes) => integer(countChanged(members, changes)) };
    },
  };
}

/** How many of these members came, or went. */
function countChanged(members: readonly Uint8Array[], [first]: readonly KeyChange[]): number {
  if (first === undefined) return 0;
  const [before, after] = [setAt(first.before), setAt(first.after)];
  return members.filter((each) => indexOfBytes(before, each) >= 0 !== indexOfBytes(after, each) >= 0).length;
}

function setAt(versions: Versions): readonly Uint8Array[] {
  const content = contentsOf(versions).find(({ type }) => type === 'set');
  return content?.type === 'set' ? content.members : [];
}
