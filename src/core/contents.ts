import { sortedBytes } from './bytes.js';
import { addExactly } from './counterRange.js';
import type { Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import {
  byPrecedence,
  type CounterVersion,
  type MemberVersion,
  type RegisterVersion,
  type Version,
  type Versions,
} from './versions.js';

interface ContentOrigin {
  /** Of several versions that make it up, that of greatest precedence. */
  readonly dot: Dot;
  readonly timestamp: HybridTimestamp;
}

/** What clients see of a key: values and tombstones one by one, the parts of a counter or set as one. */
export type Content = ContentOrigin &
  (
    | {
        readonly type?: undefined;
        /** null: deleted, or expired. */
        readonly value: Uint8Array | null;
        readonly expiresMs?: number;
      }
    | { readonly type: 'counter'; readonly count: number }
    /** `members` in the order of their bytes, each once; never empty. */
    | { readonly type: 'set'; readonly members: readonly Uint8Array[] }
  );

/**
 * The winner first, then what is concurrent with it. What has expired is shown only where there is nothing else, and
 * tombstones only where there is no counter or set: those merge with what is concurrent instead of conflicting. A counter
 * hides values too: it counts what has seen them all.
 */
export function contentsOf(versions: Versions): readonly Content[] {
  if (versions.every(isPlain)) return versions;
  const counters = versions.filter((each) => each.kind === 'counter');
  const members = versions.filter((each) => each.kind === 'member');
  const contents: Content[] = counters.length > 0 ? [] : visibleRegisters(versions, members.length > 0);
  if (counters.length > 0) contents.push(counterOf(counters));
  if (members.length > 0) contents.push(setOf(members));
  if (contents.length > 0) return contents.sort(byContentPrecedence);
  return versions.slice(0, 1).map(goneOf);
}

/** What a plain read returns; undefined if nothing is known of the key. */
export function winnerOf(versions: Versions | undefined): Content | undefined {
  return versions === undefined ? undefined : contentsOf(versions)[0];
}

/** What the winner is; undefined if it is a deletion or nothing. */
export type ContentType = 'value' | 'counter' | 'set' | undefined;

/**
 * What the winner is and how many contents show (none where all is gone), without making them: every delivery asks, of sets of any
 * size.
 */
export function outlineOf(versions: Versions): { readonly type: ContentType; readonly count: number } {
  if (versions.every(isPlain)) return { type: typeOf(versions[0]), count: versions.length };
  const hasCounter = versions.some(({ kind }) => kind === 'counter');
  const hasSet = versions.some(({ kind }) => kind === 'member');
  const registers = hasCounter ? [] : visibleRegisters(versions, hasSet);
  // Versions are sorted as contents are: the first that shows is the winner, or a part of it.
  const winner = versions.find((each) => each === registers[0] || isMerging(each));
  return { type: typeOf(winner), count: registers.length + Number(hasCounter) + Number(hasSet) };
}

export function isLive(content: Content | undefined): boolean {
  return content !== undefined && (content.type !== undefined || content.value !== null);
}

function isPlain(version: Version): version is RegisterVersion {
  return version.kind === undefined && version.expiredBy === undefined;
}

function isMerging({ kind }: Version): boolean {
  return kind === 'counter' || kind === 'member';
}

function typeOf(winner: Version | undefined): ContentType {
  if (winner?.kind === 'counter') return 'counter';
  if (winner?.kind === 'member') return 'set';
  return winner?.kind === undefined && isLive(winner) ? 'value' : undefined;
}

function visibleRegisters(versions: Versions, hasSet: boolean): RegisterVersion[] {
  return versions.filter(isPlain).filter(({ value }) => value !== null || !hasSet);
}

function counterOf(counters: readonly CounterVersion[]): Content {
  const { dot, timestamp } = greatest(counters);
  return {
    type: 'counter',
    dot,
    timestamp,
    count: counters.reduce((sum, { total }) => addExactly(sum, total), 0),
  };
}

function setOf(additions: readonly MemberVersion[]): Content {
  const { dot, timestamp } = greatest(additions);
  return { type: 'set', dot, timestamp, members: sortedBytes(additions.map(({ member }) => member)) };
}

/** An expired value or the trace of a removal, where nothing else is left. */
function goneOf(version: Version): Content {
  const expiry = version.kind === undefined ? version.expiredBy?.[0] : undefined;
  return { dot: expiry ?? version.dot, timestamp: version.timestamp, value: null };
}

/** Versions are sorted by falling precedence, and so is every part of them. */
function greatest<Kind extends Version>(versions: readonly Kind[]): Kind {
  const [first] = versions;
  if (first === undefined) throw new RangeError('there is a version');
  return first;
}

function byContentPrecedence(left: Content, right: Content): number {
  return byPrecedence({ ...left, kind: 'trace' }, { ...right, kind: 'trace' });
}
