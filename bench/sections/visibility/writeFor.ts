import { setTimeout as sleep } from 'node:timers/promises';
import { requestBytes } from '../../../src/load/requestBytes.js';
import { readableAfterMs, writeAlone, type Acknowledged } from '../../../src/load/visibility.js';
import { runSpreadLoad } from '../../load/load.js';
import type { Peer } from '../../load/peers.js';
import { keyNumber, valueOf100Bytes, writeRequests } from '../../load/request.js';

/** So many writes that are looked for, one is by polling, without a session: to check the other way of measuring. */
const polledEvery = 10;
const pollMsMax = 5000;
const peakConnections = 64;

/** What one round found, in ms since the acknowledgement. */
export class Samples {
  /** When a read with the write's session token was answered at another node. */
  readonly waited: number[] = [];
  /** How long the same read takes once there is nothing to wait for. */
  readonly baseline: number[] = [];
  /** When a poll without a token first found the value. */
  readonly polled: number[] = [];
}

export interface WriteAmount {
  readonly durationMs: number;
  readonly perSecond: number;
  /** One of so many writes is looked for at the other nodes. */
  readonly lookedAtEvery: number;
}

/** How many writes per second the nodes take together. */
export async function peakOf(members: readonly Peer[], durationMs: number): Promise<number> {
  const connections = Math.floor(peakConnections / members.length);
  const targets = members.map(({ port, pid }) => ({ port, pid, connections, requests: writeRequests(port) }));
  const { perSecond, errors } = await runSpreadLoad(targets, { durationMs });
  if (errors > 0) throw new Error(`${errors} writes were not answered with 200`);
  return perSecond;
}

/** An open loop: writes leave at their time, however long the earlier ones take. */
export async function writeFor(
  members: readonly Peer[],
  { durationMs, perSecond, lookedAtEvery }: WriteAmount,
): Promise<Samples> {
  const samples = new Samples();
  const open: Promise<unknown>[] = [];
  const beganMs = performance.now();
  const count = (durationMs / 1000) * perSecond;
  while (open.length < count) {
    const due = Math.min(count, ((performance.now() - beganMs) / 1000) * perSecond);
    while (open.length < due) {
      const looked = open.length % lookedAtEvery === 0 ? open.length / lookedAtEvery : undefined;
      // Kept, and thrown when all have ended: one that nobody waits for yet would end the process.
      open.push(writeOne(members, open.length, looked, samples).catch((error: unknown) => error));
    }
    await sleep(1);
  }
  const outcomes = await Promise.all(open);
  const failure = outcomes.find((outcome) => outcome instanceof Error);
  if (failure !== undefined) throw failure;
  return samples;
}

/** @param looked - which of those that are looked for it is; undefined: none */
async function writeOne(
  members: readonly Peer[],
  index: number,
  looked: number | undefined,
  samples: Samples,
): Promise<void> {
  const writer = members[index % members.length];
  if (writer === undefined) return;
  const key = keyNumber(index * 7);
  const value = valueOf100Bytes(`${performance.now()} ${index}`);
  const acknowledged = await writeAlone(writer, key, value);
  if (looked === undefined) return;
  const look = (other: Peer) =>
    looked % polledEvery === 0
      ? poll(other, key, value, acknowledged, samples)
      : readWaiting(other, key, acknowledged, samples);
  await Promise.all(members.filter((member) => member !== writer).map(look));
}

/** First it waits for the write, then there is nothing to wait for any more. */
async function readWaiting(
  other: Peer,
  key: string,
  acknowledged: Acknowledged,
  samples: Samples,
): Promise<void> {
  samples.waited.push(await readableAfterMs(other, key, acknowledged));
  const again = { ...acknowledged, atMs: performance.now() };
  samples.baseline.push(await readableAfterMs(other, key, again));
}

async function poll(
  { port, pool }: Peer,
  key: string,
  value: string,
  { atMs }: Acknowledged,
  samples: Samples,
): Promise<void> {
  const request = requestBytes('GET', port, `/read?key=${key}`);
  for (;;) {
    // The key is not written again for some thousand writes, so what is read is this value or an older one.
    const answer = await pool.ask(request);
    const sinceMs = performance.now() - atMs;
    if (answer.bytes.includes(value)) {
      samples.polled.push(sinceMs);
      return;
    }
    if (sinceMs > pollMsMax) throw new Error(`a write was not readable elsewhere after ${pollMsMax} ms`);
  }
}
