import { outlineOf } from '../../../core/contents.js';
import type { RunningNode } from '../../../driver/runningNode.js';
import { bytesOfKey } from '../../../protocol/resp/keyBytes.js';
import { RespError, syntaxError } from '../../../protocol/resp/respError.js';
import { integerOf, nameOf } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { KeyView } from '../keyView.js';
import type { Read } from '../plans.js';
import { globMatches, globPrefix } from '../glob.js';
import { integer } from '../replies.js';

const empty = Buffer.alloc(0);
const countDefault = 10;
const countMax = 10_000;
/** Keys that one KEYS may tell: all of them are in one answer, made in one go. */
const keysMax = 100_000;
const keysPerLook = 256;

export const scanCommands: readonly Command[] = [
  {
    kind: 'read',
    name: 'scan',
    arity: -2,
    summary: 'Some keys, and where to go on: [MATCH pattern] [COUNT n] [TYPE t]',
    parse: parseScan,
  },
  {
    kind: 'read',
    name: 'keys',
    arity: 2,
    summary: `The keys that match, if they are at most ${keysMax}`,
    parse: ([pattern = empty]) => keysOf(pattern.toString('latin1')),
  },
  {
    kind: 'read',
    name: 'dbsize',
    arity: 1,
    summary: 'How many keys hold something',
    parse: () => ({ keys: undefined, read: (_, { node }) => integer(node.replica.facts().liveKeys) }),
  },
];

interface ScanOptions {
  readonly pattern: string;
  readonly count: number;
  readonly type: string | undefined;
}

function parseScan([word = empty, ...words]: Args): Read {
  const cursor = word.toString('latin1');
  if (!/^[0-9]{1,20}$/.test(cursor)) throw new RespError('invalid cursor');
  const options = scanOptionsOf(words);
  return {
    keys: undefined,
    read: (view, { node, cursors }) => {
      const after = cursor === '0' ? undefined : cursors.get(cursor);
      if (cursor !== '0' && after === undefined) throw new RespError('invalid cursor');
      const page = pageOf(node, options, after);
      observe(view, page.keys);
      const next = page.last === undefined ? '0' : cursors.add(page.last);
      return (writer) => {
        writer.array(2);
        writer.bulk(next);
        writer.array(page.keys.length);
        for (const key of page.keys) writer.bulk(bytesOfKey(key));
      };
    },
  };
}

function scanOptionsOf(words: Args): ScanOptions {
  let options: ScanOptions = { pattern: '*', count: countDefault, type: undefined };
  for (let index = 0; index < words.length; index += 2) {
    const value = words[index + 1];
    if (value === undefined) throw syntaxError();
    const name = nameOf(words[index]);
    if (name === 'match') options = { ...options, pattern: value.toString('latin1') };
    else if (name === 'count') options = { ...options, count: Math.min(countOf(value), countMax) };
    else if (name === 'type') options = { ...options, type: nameOf(value) };
    else throw syntaxError();
  }
  return options;
}

function countOf(word: Buffer): number {
  const count = integerOf(word);
  if (count < 1) throw syntaxError();
  return count;
}

/** Looks at `count` keys of the store, as Redis does: how many of them match is another matter. */
function pageOf(node: RunningNode, { pattern, count, type }: ScanOptions, after: string | undefined) {
  const entries = node.keys.scan({ prefix: prefixOf(pattern), after, limit: count });
  const keys = entries
    .filter(({ versions }) => isOfType(outlineOf(versions).type, type))
    .map(({ key }) => key)
    .filter((key) => globMatches(pattern, bytesOfKey(key).toString('latin1')));
  return { keys, last: entries.length < count ? undefined : entries.at(-1)?.key };
}

function keysOf(pattern: string): Read {
  return {
    keys: undefined,
    read: (view, { node }) => {
      const keys: string[] = [];
      for (let after: string | undefined, isMore = true; isMore;) {
        // Many of these in one transaction end where their answer has become too large, not after having looked at all.
        view.tell(0);
        const page = pageOf(node, { pattern, count: keysPerLook, type: undefined }, after);
        observe(view, page.keys);
        keys.push(...page.keys);
        if (keys.length > keysMax) throw new RespError(`more than ${keysMax} keys match; use SCAN`);
        after = page.last;
        isMore = after !== undefined;
      }
      return (writer) => {
        writer.array(keys.length);
        for (const key of keys) writer.bulk(bytesOfKey(key));
      };
    },
  };
}

/** What is told was seen. @throws RespError if it is too much */
function observe(view: KeyView, keys: readonly string[]): void {
  for (const key of keys) {
    view.versions(key);
    view.tell(Buffer.byteLength(key));
  }
}

function isOfType(type: ReturnType<typeof outlineOf>['type'], wanted: string | undefined): boolean {
  if (type === undefined) return false;
  return wanted === undefined || wanted === (type === 'set' ? 'set' : 'string');
}

/** Only of characters that are the same in UTF-8 as in the pattern's bytes. */
function prefixOf(pattern: string): string {
  const prefix = globPrefix(pattern);
  const other = prefix.search(/[^ -~]/);
  return other < 0 ? prefix : prefix.slice(0, other);
}
