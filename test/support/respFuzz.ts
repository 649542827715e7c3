import fc from 'fast-check';
import { commandTable } from '../../src/node/resp/commandTable.js';

/** Any words that a client may send, sensible or not, as latin1. The first names a command, mostly. */
export type Words = readonly string[];

const names = [...commandTable.values()];
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Few, so that commands meet at them. */
const keys = ['k1', 'k2', 'n', 's', 'ü', 'Ã¼', '\xff\x00', '\0hex:ff', 'a b', ''];
const longKey = 'k'.repeat(1025);
const numbers = [
  '',
  ' 1',
  ...'0 1 -1 2 3 10 100 -0 +1 01 1.5 1e5 NaN Infinity 0x10'.split(' '),
  ...'9007199254740991 9007199254740992 -9007199254740991 9223372036854775807'.split(' '),
  '9'.repeat(40),
];
const expiries = 'EX PX EXAT PXAT KEEPTTL NX XX GT LT GET constructor __proto__'.split(' ');
const options = [
  ...expiries,
  ...'MATCH COUNT TYPE string set SAMPLES USAGE DOCS GETKEYS AUTH all save get mset kvc.why toString'.split(
    ' ',
  ),
  ...'ID INFO LIST SETNAME GETNAME SETINFO lib-name * [a- k? \\'.split(' '),
];
const large = 'x'.repeat(70_000);

const key = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...keys) },
  { weight: 1, arbitrary: fc.constant(longKey) },
);
const anyBytes = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...numbers) },
  { weight: 5, arbitrary: fc.constantFrom(...options) },
  { weight: 4, arbitrary: key },
  { weight: 2, arbitrary: anyBytes },
  { weight: 1, arbitrary: fc.constant(large) },
);

/** A command of the table with words of the kind and number that it may take, or other ones. */
const known = fc.constantFrom(...names).chain(({ name, arity, keys: places }) => {
  const least = Math.abs(arity) - 1;
  const counts = fc.oneof(
    { weight: 8, arbitrary: arity < 0 ? fc.integer({ min: least, max: least + 4 }) : fc.constant(least) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 6 }) },
  );
  const spelled = fc.constantFrom(name, name.toUpperCase());
  return fc
    .tuple(
      spelled,
      counts.chain((count) => wordsOf(count, (places?.[0] ?? 0) - 1)),
    )
    .map(([first, rest]) => [first, ...rest]);
});

function wordsOf(count: number, keyAt: number): fc.Arbitrary<string[]> {
  return fc.tuple(...Array.from({ length: count }, (_, index) => (index === keyAt ? key : word)));
}

const unknown = fc.tuple(word, fc.array(word, { maxLength: 3 })).map(([first, rest]) => [first, ...rest]);
const transactional = fc.constantFrom('MULTI', 'EXEC', 'EXEC', 'DISCARD', 'RESET').map((name) => [name]);
const version = fc.constantFrom('2', '3').map((each) => ['HELLO', each]);

/** Right in most of its words: what is wrong with the others is found late. */
const timed = fc
  .tuple(
    fc.constantFrom('SET', 'EXPIRE', 'PEXPIREAT'),
    key,
    fc.constantFrom(...numbers),
    fc.array(fc.tuple(fc.constantFrom(...expiries), fc.constantFrom(...numbers)), { maxLength: 2 }),
  )
  .map(([name, at, value, pairs]) => [name, at, value, ...pairs.flat()]);

export const anyCommand: fc.Arbitrary<Words> = fc.oneof(
  { weight: 30, arbitrary: known },
  { weight: 4, arbitrary: timed },
  { weight: 2, arbitrary: unknown },
  { weight: 5, arbitrary: transactional },
  { weight: 2, arbitrary: version },
);

/** As an array of bulks, or as a line with all words in quotes. */
export function encode(words: Words, isInline: boolean): Buffer {
  if (isInline && words.every(({ length }) => length < 2000)) {
    const quoted = words.map((each) => `"${each.replace(/[^a-zA-Z0-9]/g, escaped)}"`);
    return latin1(`${quoted.join(' ')}\r\n`);
  }
  const bulks = words.map((each) => `$${each.length}\r\n${each}\r\n`);
  return latin1(`*${words.length}\r\n${bulks.join('')}`);
}

function escaped(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** What of it goes out in one write each. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends
    .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}
