import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../../src/core/ids.js';
import type { Update } from '../../../src/core/update.js';
import { KvcError } from '../../../src/errors.js';
import { ByteWriter } from '../../../src/protocol/link/byteWriter.js';
import { FrameReader } from '../../../src/protocol/link/frameReader.js';
import { MessageReader, MessageWriter } from '../../../src/protocol/link/messageCodec.js';
import { limits } from '../../../src/protocol/limits.js';
import type { ReplicateMessage } from '../../../src/protocol/replicateMessage.js';
import { id } from '../../support/builders.js';
import { message } from '../arbitraries.js';

const connection = fc.array(message, { maxLength: 6 });

function written(messages: readonly ReplicateMessage[]): Buffer {
  const writer = new ByteWriter();
  const sender = new MessageWriter();
  for (const each of messages) sender.write(writer, each);
  return writer.take();
}

/** What the other end makes of the bytes as they arrive. */
function read(chunks: readonly Buffer[]): ReplicateMessage[] {
  const frames = new FrameReader(limits.replicateBodyBytesMax);
  const receiver = new MessageReader();
  const messages: ReplicateMessage[] = [];
  for (const chunk of chunks) {
    frames.push(chunk);
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      messages.push(receiver.read(frame.content));
    }
  }
  return messages;
}

function update(counter: number, dependencies: ReadonlyMap<ReplicaId, number>): Update {
  return {
    dot: { replica: id('node1'), counter },
    dependencies,
    timestamp: 3_481_600_000_000_000 + counter,
    operations: [{ kind: 'put', key: `key${counter}`, value: new Uint8Array(100) }],
  };
}

/** Of so many others, all at this counter. */
function vectorOf(replicas: number, counter: number): Map<ReplicaId, number> {
  return new Map(Array.from({ length: replicas }, (_, index) => [id(`node${index + 2}`), counter]));
}

function lone(updates: readonly Update[], clock = vectorOf(0, 0)): ReplicateMessage {
  return { from: id('node1'), clock, unreached: [], offersSnapshot: false, updates };
}

describe('the messages of a link', () => {
  it('are read as they were written, one after the other', () => {
    fc.assert(
      fc.property(connection, (messages) => {
        expect(read([written(messages)])).toEqual(messages);
      }),
      { numRuns: 300 },
    );
  });

  it('are read the same in whatever pieces they arrive', () => {
    const bytes = written(fc.sample(connection, { seed: 5, numRuns: 20 }).flat().slice(0, 12));
    const whole = read([bytes]);
    expect(whole).toHaveLength(12);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(whole);
    }
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(read(single)).toEqual(whole);
  });

  it('share no memory with the bytes that they came in', () => {
    const bytes = written([lone([update(1, vectorOf(1, 1))])]);
    const [message] = read([bytes]);
    bytes.fill(0);
    expect(message).toEqual(lone([update(1, vectorOf(1, 1))]));
  });

  it('that are damaged give messages within the limits or a KvcError, and never anything else', () => {
    const damage = fc.record({
      messages: connection,
      at: fc.nat(),
      bits: fc.integer({ min: 1, max: 255 }),
      isCut: fc.boolean(),
    });
    fc.assert(
      fc.property(damage, ({ messages, at, bits, isCut }) => {
        const bytes = Buffer.from(written(messages));
        if (bytes.length > 0) bytes[at % bytes.length]! ^= bits;
        expectSound(isCut ? bytes.subarray(0, at % (bytes.length + 1)) : bytes);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (content) => {
        const frame = Buffer.concat([Buffer.from([0, 0, 0, content.length, 1]), content]);
        expectSound(frame);
      }),
      { numRuns: 3000 },
    );
  });

  it('cost 8 bytes where nothing has changed and nothing is carried, whatever the number of replicas', () => {
    for (const replicas of [3, 1000]) {
      const probe = lone([], vectorOf(replicas, 5));
      const again = { ...probe, clock: new Map(probe.clock) };
      expect(written([probe, again]).length - written([probe]).length).toBe(8);
    }
  });

  it('cost what changed in a vector, not what it has', () => {
    const bytesOfSecond = (replicas: number): number => {
      const before = vectorOf(replicas, 5000);
      const after = new Map(before).set(id('node2'), 5001).set(id('node3'), 5001);
      const first = lone([update(1, before)], before);
      return written([first, lone([update(2, after)], after)]).length - written([first]).length;
    };
    expect(bytesOfSecond(1000)).toBe(bytesOfSecond(3));
  });

  it('give updates that depend on the same one vector in memory', () => {
    const dependencies = vectorOf(3, 7);
    const [{ updates }] = read([
      written([lone([update(1, dependencies), update(2, new Map(dependencies))])]),
    ]) as [ReplicateMessage];
    expect(updates[0]!.dependencies).toEqual(dependencies);
    expect(updates[1]!.dependencies).toBe(updates[0]!.dependencies);
  });

  it('keep the dependencies apart of more origins than are remembered', () => {
    const updates = Array.from({ length: 600 }, (_, index) => ({
      ...update(1 + Math.floor(index / 300), new Map([[id('node1'), 1 + index]])),
      dot: { replica: id(`other${index % 300}`), counter: 1 + Math.floor(index / 300) },
    }));
    expect(read([written([lone(updates)])])).toEqual([lone(updates)]);
  });

  it('may bring an update twice, but no two of one dot', () => {
    const [one, other] = [update(1, vectorOf(1, 1)), update(1, vectorOf(1, 2))];
    expect(read([written([lone([one, one])])])).toEqual([lone([one, one])]);
    expect(() => read([written([lone([one, other])])])).toThrow(
      expect.objectContaining({ code: 'KVC_E_DOT_REUSED' }),
    );
  });

  const value = (bytes: number): Update['operations'] => [
    { kind: 'put', key: 'a', value: new Uint8Array(bytes) },
  ];
  it.each<[string, Partial<Update>, string]>([
    ['a key that is too long', { operations: [{ kind: 'delete', key: 'é'.repeat(513) }] }, 'a key'],
    ['an empty key', { operations: [{ kind: 'delete', key: '' }] }, 'a key'],
    ['a value that is too large', { operations: value(limits.valueBytesMax + 1) }, 'a value'],
    [
      'a member that is too large',
      { operations: [{ kind: 'add', key: 'a', member: new Uint8Array(limits.memberBytesMax + 1) }] },
      'a member',
    ],
    ['no operations', { operations: [] }, 'no operations'],
    [
      'too many operations',
      { operations: Array.from({ length: 1025 }, () => ({ kind: 'delete' as const, key: 'a' })) },
      '1025 operations',
    ],
    [
      'more bytes than one update may have',
      { operations: Array.from({ length: 5 }, () => value(limits.valueBytesMax)[0]!) },
      'bytes of keys and values',
    ],
    ['a timestamp of 0', { timestamp: 0 }, 'from 1'],
    ['a timestamp that is too far', { timestamp: Number.MAX_SAFE_INTEGER }, 'from 1'],
    ['an increment by 0', { operations: [{ kind: 'increment', key: 'a', amount: 0 }] }, 'from 1'],
    ['a dependency on its own replica', { dependencies: new Map([[id('node1'), 1]]) }, 'its own'],
    ['a replica that is no name', { dependencies: new Map([[id('Node 1'), 1]]) }, 'malformed'],
    ['too long a vector', { dependencies: vectorOf(limits.vectorEntriesMax + 1, 1) }, 'entries'],
    ['a request id without its checksum', { request: '1700000000000-a' }, 'request id'],
    ['changes of no members', { memberChanges: [] }, 'no members'],
  ])('are refused with %s', (_, fields, named) => {
    expect(() => read([written([lone([{ ...update(1, vectorOf(1, 1)), ...fields }])])])).toThrow(
      expect.objectContaining({ message: expect.stringContaining(named) as string }),
    );
  });

  it('are refused where a text is no UTF-8, and not where it has the sign for that', () => {
    const bytes = written([
      lone([{ ...update(1, vectorOf(0, 0)), operations: [{ kind: 'delete', key: '\ufffd' }] }]),
    ]);
    expect(read([bytes])[0]?.updates[0]?.operations[0]?.key).toBe('\ufffd');
    bytes[bytes.length - 1] = 0xff;
    expect(() => read([bytes])).toThrow(/no UTF-8/);
  });

  it('are refused by the length that they say, before it has arrived', () => {
    const frames = new FrameReader(1000);
    frames.push(Buffer.from([0, 0, 3, 233, 1]));
    expect(() => frames.next()).toThrow(expect.objectContaining({ code: 'KVC_E_MESSAGE_TOO_LARGE' }));
  });
});

function expectSound(bytes: Buffer): void {
  try {
    // What can be written again and read as the same is within every limit.
    const messages = read([bytes]);
    expect(read([written(messages)])).toEqual(messages);
  } catch (error) {
    if (!(error instanceof KvcError)) throw error;
    expect(error.message.length).toBeLessThan(1000);
  }
}
