import { at, FlatHistory } from './flatHistory.js';
import type { History } from '../history.js';
import type { Attributed, Source } from './source.js';
import { WriteIndex } from './writeIndex.js';

const nothing: readonly Source[] = [];
const unknown: Source = { kind: 'unknown' };

/**
 * Finds for every version that was returned the write that it is of. A write is identified by key and `wid` where it has
 * one, else by key and value. What an operation returned that is not ok counts for nothing.
 */
export function attribute(history: History): Attributed {
  const flat = new FlatHistory(history);
  const index = new WriteIndex(flat);
  const sources = flat.accesses.map((access, number) => {
    if (access.kind === 'write' || flat.statusOf(number) !== 'ok') return nothing;
    return access.returned.map((version) => index.find(at(flat.keyOf, number), version));
  });
  const reusedName = index.reusedName();
  return { flat, sources, happened: happenedOf(flat, sources), ...(reusedName && { reusedName }) };
}

/**
 * Some of the operations, in the order of the history, and what their reads saw as it is known from the whole: a part
 * judged by itself would take a write that was left out for one that never was. A read whose write is not among them
 * proves nothing in the part.
 */
export function restrict({ flat, sources }: Attributed, operations: readonly number[]): Attributed {
  const part = new FlatHistory(operations.flatMap((each) => flat.operations[each] ?? []));
  const numbers = new Map<number, number>();
  const kept: (readonly Source[])[] = [];
  for (const operation of operations) {
    for (
      let access = at(flat.firstAccess, operation);
      access < at(flat.firstAccess, operation + 1);
      access += 1
    ) {
      numbers.set(access, kept.length);
      kept.push(sources[access] ?? nothing);
    }
  }
  const renamed = kept.map((versions) => versions.map((source) => rename(source, numbers)));
  return { flat: part, sources: renamed, happened: happenedOf(part, renamed) };
}

function rename(source: Source, numbers: ReadonlyMap<number, number>): Source {
  if (source.kind === 'oneOf') {
    const deletes = source.deletes.flatMap((each) => numbers.get(each) ?? []);
    return deletes.length === source.deletes.length ? { ...source, deletes } : unknown;
  }
  if (source.kind === 'nowhere') {
    if (source.named === undefined) return source;
    const named = numbers.get(source.named);
    return named === undefined ? unknown : { kind: 'nowhere', named };
  }
  if (source.kind !== 'write' && source.kind !== 'failed') return source;
  const write = numbers.get(source.write);
  return write === undefined ? unknown : { kind: source.kind, write };
}

function happenedOf(flat: FlatHistory, sources: readonly (readonly Source[])[]): Uint8Array {
  const happened = Uint8Array.from(flat.operations, ({ status }) => (status === 'ok' ? 1 : 0));
  for (const source of sources.flat()) {
    if (source.kind === 'write') happened[at(flat.operationOf, source.write)] = 1;
  }
  return happened;
}
