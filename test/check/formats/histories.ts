import fc from 'fast-check';
import type { HistoryAccess, HistoryLine } from '../../../src/check/historyLine.js';

const name = fc.oneof(fc.constantFrom('a', 'b', 'x y', 'é', '"', '\\', '\u2028'), fc.string());
const value = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), name, fc.boolean())
  .filter((each) => !Number.isInteger(each) || Number.isSafeInteger(each))
  // JSON has one zero only.
  .map((each) => (Object.is(each, -0) ? 0 : each));
const properName = name.filter((each) => each !== '');
const wid = fc.option(properName, { nil: undefined });

const read = fc.record({ type: fc.constant('read' as const), key: name, value: fc.option(value), wid });
const siblings = fc
  .array(fc.tuple(fc.option(value), properName), { minLength: 2, maxLength: 3 })
  .map((pairs) => ({
    type: 'read' as const,
    key: 'k',
    values: pairs.map(([each]) => each),
    wids: pairs.map(([, each]) => each),
  }));
const write = fc.record({ type: fc.constant('write' as const), key: name, value, wid });
const remove = fc.record({ type: fc.constant('delete' as const), key: name, wid });
const access = fc.oneof(read, siblings, write, remove);
const txn = fc.array(access, { minLength: 1, maxLength: 4 }).map((ops) => ({ type: 'txn' as const, ops }));

const others = fc.record({
  session: fc.string({ minLength: 1 }),
  status: fc.constantFrom('ok' as const, 'fail' as const, 'info' as const),
  start: fc.option(fc.nat(), { nil: undefined }),
  end: fc.option(fc.nat(), { nil: undefined }),
  replica: wid,
});

/** Any line that the format allows, with fields that are undefined left out. */
export const anyLine: fc.Arbitrary<HistoryLine> = fc
  .tuple(fc.oneof(access, txn), others)
  .map(([what, rest]) => JSON.parse(JSON.stringify({ ...rest, ...what })) as HistoryLine);

export function ok(session: string, access: HistoryAccess): HistoryLine {
  return { session, ...access, status: 'ok' };
}

export function textOf(lines: readonly HistoryLine[]): string {
  return lines.map((line) => JSON.stringify(line)).join('\n');
}
