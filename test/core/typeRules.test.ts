import { describe, expect, it } from 'vitest';
import { setBytesMax, setMembersMax, typeRefusal } from '../../src/core/typeRules.js';
import type { Operation } from '../../src/core/update.js';
import type { Version, Versions } from '../../src/core/versions.js';
import { dot } from '../support/builders.js';
import { TestKeyspace } from '../support/memoryState.js';

const key = 'k';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function changes(kind: 'add' | 'remove', members: Iterable<string>): Operation[] {
  return Array.from(members, (member) => ({ kind, key, member: bytes(member) }));
}

function increments(...amounts: number[]): Operation[] {
  return amounts.map((amount) => ({ kind: 'increment', key, amount }));
}

const put: Operation = { kind: 'put', key, value: bytes('v') };
const remove: Operation = { kind: 'delete', key };

function* numbers(from: number, count: number): Generator<string> {
  for (let number = from; number < from + count; number += 1) yield `m${number}`;
}

function setOf(members: Iterable<string>): Version[] {
  return Array.from(members, (member) => ({
    kind: 'member',
    dot: dot('a:1'),
    timestamp: 1,
    member: bytes(member),
  }));
}

function counter(total: number): Versions {
  return [{ kind: 'counter', dot: dot('a:1'), timestamp: 1, total }];
}

function codeOf(operations: readonly Operation[], versions: Versions = []): string | undefined {
  return typeRefusal(operations, new TestKeyspace(new Map([[key, versions]])))?.code;
}

describe('the type of a key', () => {
  it('is that of what it holds, and after each operation of a batch what that leaves', () => {
    expect(codeOf(increments(1), setOf(['m']))).toBe('KVC_E_TYPE_MISMATCH');
    expect(codeOf(changes('add', ['m']), counter(1))).toBe('KVC_E_TYPE_MISMATCH');
    expect(codeOf([...increments(1), ...changes('add', ['m'])])).toBe('KVC_E_TYPE_MISMATCH');
    expect(codeOf([...increments(1), remove, ...changes('add', ['m'])])).toBeUndefined();
    expect(codeOf([put, ...increments(1)], counter(1))).toBe('KVC_E_TYPE_MISMATCH');
    expect(codeOf([put], setOf(['m']))).toBeUndefined();
  });
});

describe('the range of a counter', () => {
  it('holds after each operation of a batch', () => {
    const largest = Number.MAX_SAFE_INTEGER;
    expect(codeOf(increments(1), counter(largest))).toBe('KVC_E_COUNTER_RANGE');
    expect(codeOf(increments(1, 1, 1), counter(largest - 2))).toBe('KVC_E_COUNTER_RANGE');
    expect(codeOf(increments(1, -1), counter(largest))).toBe('KVC_E_COUNTER_RANGE');
    expect(codeOf(increments(1, 1), counter(largest - 2))).toBeUndefined();
    expect(codeOf([remove, ...increments(1)], counter(largest))).toBeUndefined();
  });
});

describe('the limit of a set', () => {
  it('holds for the members that a batch brings together', () => {
    const versions = setOf(numbers(0, setMembersMax - 2));
    expect(codeOf(changes('add', numbers(setMembersMax, 2)), versions)).toBeUndefined();
    expect(codeOf(changes('add', numbers(setMembersMax, 3)), versions)).toBe('KVC_E_VALUE_TOO_LARGE');
    expect(
      codeOf(changes('add', ['x'.repeat(setBytesMax / 2)]), setOf(['y'.repeat(setBytesMax / 2)])),
    ).toBeUndefined();
    expect(
      codeOf(changes('add', ['x'.repeat(setBytesMax / 2)]), setOf(['y'.repeat(setBytesMax / 2 + 1)])),
    ).toBe('KVC_E_VALUE_TOO_LARGE');
  });

  it('lets a full set have what it has already, and new members for those that go', () => {
    const versions = setOf(numbers(0, setMembersMax));
    expect(codeOf(changes('add', ['m0', 'm1']), versions)).toBeUndefined();
    expect(codeOf(changes('add', ['new']), versions)).toBe('KVC_E_VALUE_TOO_LARGE');
    expect(codeOf([...changes('add', ['new']), ...changes('remove', ['m7'])], versions)).toBeUndefined();
    expect(codeOf([remove, ...changes('add', numbers(0, 20))], versions)).toBeUndefined();
  });

  it('counts a member that several replicas have added once', () => {
    const twice = [...setOf(numbers(0, setMembersMax - 1)), ...setOf(numbers(0, setMembersMax - 1))];
    expect(codeOf(changes('add', ['new']), twice)).toBeUndefined();
    expect(codeOf(changes('add', ['new', 'other']), twice)).toBe('KVC_E_VALUE_TOO_LARGE');
  });
});
