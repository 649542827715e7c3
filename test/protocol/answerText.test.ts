import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dot } from '../../src/core/clock/dot.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { Operation } from '../../src/core/update.js';
import type { RegisterVersion } from '../../src/core/versions.js';
import { entryFields, readText, writeText, writtenFields } from '../../src/protocol/answerText.js';
import type { ReadResponseJson, WriteResponseJson } from '../../src/protocol/api.js';
import { encodeClock, encodeDot } from '../../src/protocol/clockJson.js';
import { encodeValue, encodeContent } from '../../src/protocol/valueJson.js';

const key = fc.string({ unit: 'binary', minLength: 1 });
const bytes = fc.oneof(
  fc.uint8Array(),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
);
const replica = fc.constantFrom('node1', 'node2', 'node-3').map((name) => name as ReplicaId);
const counter = fc.integer({ min: 1 });
const dot: fc.Arbitrary<Dot> = fc.record({ replica, counter });
const clock = fc.array(fc.tuple(replica, counter)).map((entries) => new Map(entries));
const versions: fc.Arbitrary<RegisterVersion[]> = fc.array(
  fc.record({ dot, timestamp: counter, value: fc.option(bytes, { nil: null }) }),
  { maxLength: 3 },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value: bytes }),
  fc.record({ kind: fc.constant('delete' as const), key }),
);
const session = 'kvc1.c1.node1:1';

describe('the text of an answer', () => {
  it('of a read is the JSON of its shape', () => {
    fc.assert(
      fc.property(key, versions, clock, (key, versions, clock) => {
        const [winner, ...siblings] = versions;
        const expected: ReadResponseJson = {
          key,
          ...(winner === undefined ? { value: null, dot: null } : encodeContent(winner)),
          siblings: siblings.map(encodeContent),
          clock: encodeClock(clock),
          session,
        };
        const text = readText(entryFields(key, versions), clock, session);
        expect(JSON.parse(text)).toEqual(expected);
      }),
    );
  });

  it('of a write is the JSON of its shape', () => {
    fc.assert(
      fc.property(operation, dot, clock, (operation, dot, clock) => {
        const expected: WriteResponseJson = {
          key: operation.key,
          ...(operation.kind === 'put' ? encodeValue(operation.value) : { value: null }),
          dot: encodeDot(dot),
          clock: encodeClock(clock),
          session,
        };
        const text = writeText(writtenFields(operation, []), dot, clock, session);
        expect(JSON.parse(text)).toEqual(expected);
      }),
    );
  });
});
