import type { HistoryAccess, HistoryLine } from '../check/historyLine.js';

/**
 * A history in which each write has one name. A client that got no answer does not know the name of its write; and one that
 * was sent to two nodes has a name at each, of which reads may return either. Both are known by their values, for a
 * value is written once. What reads returned is not changed in any other way.
 * @returns the history, and how often a read returned a write by another of its names
 */
export function nameWrites(lines: readonly HistoryLine[]): {
  readonly lines: HistoryLine[];
  readonly otherNames: number;
} {
  const names = namesByValue(lines);
  const acknowledged = new Set(lines.filter(isWrite).flatMap(({ wid }) => wid ?? []));
  let otherNames = 0;
  const rename = <T extends Partial<HistoryLine>>(read: T): T => {
    const { value, wid, values, wids } = read;
    if (value === undefined) return read;
    const named = (each: unknown, name: string): string => {
      const first = names.get(String(each)) ?? name;
      // A value by the name of another write is of no write: that must stay for the checker to see.
      if (each === null || first === name || acknowledged.has(name)) return name;
      otherNames += 1;
      return first;
    };
    const all = wids && values ? { wids: wids.map((name, index) => named(values[index], name)) } : {};
    return { ...read, ...(wid === undefined ? {} : { wid: all.wids?.[0] ?? named(value, wid) }), ...all };
  };
  const renamed = lines.map((line): HistoryLine => {
    if (line.type === 'read') return rename(line);
    if (isWrite(line)) return withName(line, names);
    return { ...line, ops: line.ops?.map((op) => (op.type === 'read' ? rename(op) : op)) ?? [] };
  });
  return { lines: renamed, otherNames };
}

/** Of each value, the name by which its write was acknowledged, else the first by which it was read. */
function namesByValue(lines: readonly HistoryLine[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of lines.filter(isWrite)) {
    if (line.wid === undefined) continue;
    for (const value of writtenValues(line)) names.set(value, line.wid);
  }
  for (const read of lines.flatMap(readsOf)) {
    const { value, wid, values = [value], wids = [wid] } = read;
    for (const [index, each] of values.entries()) {
      const name = wids[index];
      if (typeof each === 'string' && name !== undefined && !names.has(each)) names.set(each, name);
    }
  }
  return names;
}

function withName(line: HistoryLine, names: ReadonlyMap<string, string>): HistoryLine {
  if (line.wid !== undefined) return line;
  const name = writtenValues(line)
    .map((value) => names.get(value))
    .find((each) => each !== undefined);
  return name === undefined ? line : { ...line, wid: name };
}

function isWrite(line: HistoryLine): boolean {
  if (line.type === 'txn') return line.ops?.some((op) => op.type !== 'read') ?? false;
  return line.type !== 'read';
}

function writtenValues(line: HistoryLine): string[] {
  const accesses: readonly Pick<HistoryLine, 'value'>[] = line.ops ?? [line];
  return accesses.map(({ value }) => value).filter((value) => typeof value === 'string');
}

function readsOf(line: HistoryLine): (HistoryLine | HistoryAccess)[] {
  if (line.type === 'read') return [line];
  return line.ops?.filter((op) => op.type === 'read') ?? [];
}
