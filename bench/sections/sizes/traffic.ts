import { join } from 'node:path';
import type { Operation } from '../../../src/core/update.js';
import { ReplicaGroup } from '../../load/replicaGroup.js';
import { valueOf100Bytes } from '../../load/request.js';
import type { Figure, Goal, Unit } from '../../measure/report.js';
import { summarise } from '../../measure/statistics.js';
import { withRelease } from '../../processes/cleanup.js';
import type { Findings, SectionOptions } from '../section.js';

const replicaCounts = [3, 10, 100] as const;
/** Of the most replicas, beside the fewest. */
const wireRatioMax = 1.1;
const batchUpdates = 100;

interface Sizes {
  readonly replicas: number;
  readonly wireBytes: number;
  readonly logBytes: number;
  readonly storeUsedBytes: number;
  readonly storeBytes: number;
  readonly faults: readonly string[];
}

/** Every replica writes in turn, each time a batch of writes that depend on all that was written before. */
export async function measureTraffic(options: SectionOptions): Promise<Findings> {
  const measured: Sizes[] = [];
  const updates = options.quick ? 5000 : 20_000;
  for (const replicas of replicaCounts) measured.push(await measureGroup(replicas, options, updates));
  return {
    figures: measured.flatMap(figuresOf),
    goals: goalsOf(measured),
    notes: [
      `means of about ${updates} updates. On the wire: messages of ${batchUpdates} updates in frames of a link, without answers. Writes without a session, so each names the latest update of every other replica, the worst case of its length; with a session it names those that the session has seen`,
      'on the disk: keys of 8 bytes, each written once; a key store writes pages anew, so its file holds more than is in use',
    ],
    faults: measured.flatMap(({ faults }) => faults),
  };
}

async function measureGroup(replicas: number, { dataDir }: SectionOptions, updates: number): Promise<Sizes> {
  const dir = join(dataDir, `sizes-${replicas}`);
  const group = await ReplicaGroup.open({ count: replicas, batchUpdates, dataDir: dir });
  return withRelease(
    () => group.close(),
    () => measureSizes(group, updates),
  );
}

async function measureSizes(group: ReplicaGroup, updates: number): Promise<Sizes> {
  const { sent, first, size: replicas } = group;
  // From then on every vector has an entry of everyone.
  await writeInTurn(group, 1);
  const before = { ...sent, log: first.data.log.stats() };
  await writeInTurn(group, Math.ceil(updates / batchUpdates / replicas));
  await group.lastCheckpoint();
  const log = first.data.log.stats();
  const store = first.data.keys.stats();
  const carried = { updates: sent.updates - before.updates, messages: sent.messages - before.messages };
  return {
    replicas,
    wireBytes: (sent.bytes - before.bytes) / carried.updates,
    logBytes: (log.bytes - before.log.bytes) / (log.updates - before.log.updates),
    storeUsedBytes: store.usedBytes / first.data.keys.size,
    storeBytes: store.bytes / first.data.keys.size,
    faults: [
      ...(group.isLevel ? [] : [`${replicas} replicas: not all have delivered everything`]),
      ...(carried.updates === carried.messages * batchUpdates
        ? []
        : [`${replicas} replicas: messages did not carry ${batchUpdates} updates`]),
    ],
  };
}

async function writeInTurn(group: ReplicaGroup, rounds: number): Promise<void> {
  for (let turn = 0; turn < rounds * group.size; turn += 1) {
    const first = group.first.data.log.stats().updates;
    const operations = Array.from({ length: batchUpdates }, (_, index) => put(first + index));
    await group.write(turn % group.size, operations);
  }
}

function put(index: number): Operation {
  const value = Buffer.from(valueOf100Bytes(index));
  return { kind: 'put', key: `key${String(index).padStart(5, '0')}`, value };
}

function goalsOf(measured: readonly Sizes[]): Goal[] {
  const [fewest, most] = [measured[0], measured.at(-1)];
  if (fewest === undefined || most === undefined) return [];
  return [
    {
      label: `an update on the wire: ${most.replicas} replicas / ${fewest.replicas}`,
      unit: 'x',
      bound: 'at most',
      target: wireRatioMax,
      ...summarise([most.wireBytes / fewest.wireBytes]),
    },
  ];
}

function figuresOf({ replicas, wireBytes, logBytes, storeUsedBytes, storeBytes }: Sizes): Figure[] {
  const figure = (what: string, unit: Unit, value: number): Figure => ({
    label: `${replicas} replicas: ${what}`,
    unit,
    ...summarise([value]),
  });
  return [
    figure('an update on the wire', 'bytes', wireBytes),
    figure('an update in the log', 'bytes', logBytes),
    figure('a key in the store, in use', 'bytes', storeUsedBytes),
    figure('a key in the store, file', 'bytes', storeBytes),
  ];
}
