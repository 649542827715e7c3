import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdnName, ednForms, ednText, type Edn } from '../../../src/check/formats/edn.js';
import { jsonForms } from '../../../src/check/formats/jsonForms.js';
import { KvcError } from '../../../src/errors.js';

function read(text: string): Edn[] {
  return [...ednForms(text)].map(({ value }) => value);
}

function failure(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof KvcError) return error.message;
    throw error;
  }
  return 'it was read';
}

describe('EDN', () => {
  it.each<[string, Edn]>([
    [
      '{:a 1, "b" nil}',
      new Map<string, Edn>([
        [':a', 1],
        ['"b"', null],
      ]),
    ],
    ['#{1 2}', [1, 2]],
    ['{:v (1 [2 ()])}', new Map<string, Edn>([[':v', [1, [2, []]]]])],
    ['true false nil', true],
    ['-7', -7],
    ['+7N', 7],
    ['9007199254740993', 9007199254740993n],
    ['1.5e3', 1500],
    ['2.50M', 2.5],
    ['1/3', new EdnName('1/3')],
    [':ns/key', new EdnName(':ns/key')],
    ['sym', new EdnName('sym')],
    ['##Inf', new EdnName('##Inf')],
    ['"a\\n\\"b\\\\\\u00e9"', 'a\n"b\\é'],
    ['\\a', 'a'],
    ['\\newline', '\n'],
    ['#inst "2020-01-01"', '2020-01-01'],
    ['#"a+"', 'a+'],
    ['#jepsen.history.Op{:index 1}', new Map<string, Edn>([[':index', 1]])],
    ['^{:doc "x"} {:a 1}', new Map<string, Edn>([[':a', 1]])],
    ['#_{:gone 1} {:a #_ 5 1}', new Map<string, Edn>([[':a', 1]])],
    ['; comment\n,,:a ; more', new EdnName(':a')],
  ])('reads %s', (text, value) => {
    expect(read(text)[0]).toEqual(value);
  });

  it('gives the elements of a list at the top, and the line of each', () => {
    const forms = [...ednForms('[\n:a\n\n[:b\n] #_x ]\n:c')];
    expect(forms.map(({ value, line }) => [ednText(value), line])).toEqual([
      [':a', 2],
      ['[:b]', 4],
      [':c', 6],
    ]);
  });

  it.each([
    ['{:a 1', 'line 1: not EDN: the text ends before a "}"'],
    ['[:a\n:b', 'line 2: not EDN: the text ends before the "]" of the history'],
    ['{:a}', 'a map has a key without a value'],
    ['{:a 1 :a 2}', 'a map has the key ":a" twice'],
    ['\n"abc', 'line 2: not EDN: the text ends within a string'],
    ['"\\u12"', '\\u must be followed by four hexadecimal digits'],
    [')', 'unexpected ")"'],
    ['{:a ]}', 'unexpected "]"'],
    ['12abc', '"12abc" is no number'],
    ['#tag', 'the text ends where a value should be'],
    [`{:a ${'['.repeat(100)}`, 'nested deeper than 64 levels'],
    [`${'#t '.repeat(100)}1`, 'nested deeper than 64 levels'],
  ])('is refused where it is wrong: %j', (text, message) => {
    expect(failure(() => read(text))).toContain(message);
  });

  const edn = fc.letrec<{ value: Edn }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Edn>(null, true, false, new EdnName(':key'), new EdnName('a.b/c')),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((each) => !Number.isInteger(each)),
      fc.maxSafeInteger(),
      fc.bigInt().filter((each) => !Number.isSafeInteger(Number(each))),
      fc.string(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
        .map((pairs) => new Map(pairs.map(([key, value]) => [JSON.stringify(key), value]))),
    ),
  })).value;

  it('is read as the value that it is the text of', () => {
    fc.assert(
      fc.property(edn, (value) => {
        expect(read(`[${ednText(value)}]`)).toEqual([value]);
      }),
    );
  });

  it('ends with a value or with a failure that says so, whatever the text', () => {
    const junk = fc.array(
      fc.constantFrom(...'{}[]()#_^"\\:;,. \n0aN/-'.split(''), '#_', '##', '\\u', 'nil', ':type', '#x{'),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(junk, (parts) => {
        for (const forms of [ednForms, jsonForms]) {
          const message = failure(() => [...forms(parts.join(''))]);
          expect(message).toMatch(/^it was read$|^line \d+: /);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('JSON of Jepsen', () => {
  it('gives the same as EDN, with lines', () => {
    const text = '[{"a": "x}{\\"",\n "b": [1, null]},\n\n{"c": {"d": true}} ]\n{"e":1}';
    expect([...jsonForms(text)]).toEqual([
      {
        value: new Map<string, Edn>([
          [':a', 'x}{"'],
          [':b', [1, null]],
        ]),
        line: 1,
      },
      { value: new Map<string, Edn>([[':c', new Map([[':d', true]])]]), line: 4 },
      { value: new Map<string, Edn>([[':e', 1]]), line: 5 },
    ]);
  });

  it.each([
    ['[{"a":1}', 'the text ends before the "]" of the history'],
    ['{"a":1}\n{"a":', 'line 2: not JSON: the text ends within the operation that begins here'],
    ['{"a" 1}', 'line 1: not JSON'],
    ['{"a":1}\n7', 'line 2: expected an operation {...}, found "7"'],
    [`{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'nested deeper than 64 levels'],
  ])('is refused where it is wrong: %j', (text, message) => {
    expect(failure(() => [...jsonForms(text)])).toContain(message);
  });
});
