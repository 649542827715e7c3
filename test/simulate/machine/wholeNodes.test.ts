import { describe, expect, it } from 'vitest';
import { formatVector } from '../../../src/core/clock/versionVector.js';
import type { NodeName } from '../../../src/core/ids.js';
import { NodeLife } from '../../../src/driver/nodeLife.js';
import { peerHandlersOf } from '../../../src/driver/peerHandlers.js';
import { PeerUrls } from '../../../src/driver/peerUrls.js';
import type { NodeConfig } from '../../../src/protocol/nodeMessages.js';
import type { Machine } from '../../../src/simulate/machine/machine.js';
import type { MachineCounts } from '../../../src/simulate/machine/machineCounts.js';
import { partition, partitionShapes } from '../../../src/simulate/machine/partitions.js';
import { faultless, VirtualNetwork } from '../../../src/simulate/machine/virtualNetwork.js';
import { VirtualTransport } from '../../../src/simulate/machine/virtualTransport.js';
import { machineIn, startMs, universe } from './universes.js';

const names = ['node1', 'node2', 'node3', 'node4'] as NodeName[];
const members = names.map((name, index) => ({ name, port: 7101 + index }));
const faults = { loss: 0.03, duplication: 0.03, jitterMs: 15, latencyMsMax: 60, straying: 0.005 };

interface Ran {
  readonly hash: string;
  readonly counts: MachineCounts;
  readonly clocks: readonly string[];
  readonly halted: readonly string[];
  readonly written: number;
}

/** Nodes as they are in production, with everything that can befall their machines for ten seconds, then in peace. */
async function run(seed: number): Promise<Ran> {
  const around = universe(seed);
  const { timeline } = around;
  const random = around.random.fork('test');
  const network = new VirtualNetwork(faults, around);
  const machines = names.map((name) => machineIn(around, name));
  const nodes = new Map<Machine, NodeLife>();
  const served = new Set<Machine>();
  const halted: string[] = [];
  let written = 0;

  const start = (machine: Machine): void => {
    if (machine.isUp) return;
    const life = machine.boot();
    const config: NodeConfig = {
      ...{
        clusterId: 'c1',
        clusterName: 'test',
        self: machine.name,
        instance: 'i',
        members,
        founders: names,
      },
      ...{ dataDir: '/data', hasServed: served.has(machine), delivery: 'causal', limits: {}, faults: [] },
    };
    const onHalt = ({ message }: Error): void => void halted.push(`${machine.name}: ${message}`);
    const transport = new VirtualTransport(network, life.line);
    const { time, place } = life;
    const surroundings = {
      time,
      random: life.random,
      transport,
      place,
      report: ignore,
      onProgress: ignore,
      onHalt,
    };
    const node = new NodeLife(config, surroundings, new PeerUrls(config));
    nodes.set(machine, node);
    network.listen(
      life.line,
      peerHandlersOf(() => node.serving()),
    );
    life.enter(() => void node.open().then(() => served.add(machine), onHalt));
    const write = (): void => {
      const value = Buffer.from(`${machine.name} ${written}`);
      const operation = { kind: 'put', key: random.pick(['a', 'b', 'c']), value } as const;
      const wait = { timeoutMs: 1000, onGone: ignore };
      node.running?.driver
        .write([operation], { context: undefined, wait })
        .then(() => (written += 1), ignore);
      if (timeline.nowMs < startMs + 10_000) life.time.after(random.between(50, 300), write);
    };
    life.time.after(100, write);
  };

  const befall = (machine: Machine): void => {
    const restart = (): void => void timeline.after(random.between(1, 1000), () => start(machine));
    machine.onCrash = restart;
    switch (random.between(1, 6)) {
      case 1:
        machine.kill();
        return restart();
      case 2:
        machine.crash();
        return restart();
      case 3:
        return machine.crashAt(random.between(1, 40));
      case 4:
        machine.pause();
        return void timeline.after(random.between(1, 2000), () => machine.resume());
      case 5:
        return machine.setSkew(random.between(-2000, 2000));
      default:
        network.cut(partition(random.pick(partitionShapes), names, 'everything', random));
        return void timeline.after(random.between(1, 1500), () => network.healAll());
    }
  };

  for (const machine of machines) {
    start(machine);
    machine.onCrash = () => start(machine);
    // On the way to serving, where names are made.
    machine.crashAt(random.between(1, 40));
  }
  for (let atMs = 1000; atMs < 10_000; atMs += 250) timeline.after(atMs, () => befall(random.pick(machines)));
  timeline.after(11_500, () => {
    network.faults = faultless;
    network.healAll();
    for (const machine of machines) {
      machine.resume();
      machine.onCrash = () => start(machine);
      start(machine);
    }
  });
  await timeline.runUntil(() => false, startMs + 30_000);
  const clocks = [...nodes.values()].map((node) => formatVector(node.running?.replica.clock ?? new Map()));
  return { hash: around.trace.hash, counts: around.counts, clocks, halted, written };
}

function ignore(): void {
  return;
}

describe('whole nodes on simulated machines', () => {
  it('come to one state whatever befalls their machines, and none has to give up its history', async () => {
    const total: Partial<Record<string, number>> = {};
    for (let seed = 1; seed <= 20; seed += 1) {
      const { clocks, counts, halted, written } = await run(seed);
      expect([seed, new Set(clocks).size, halted]).toEqual([seed, 1, []]);
      expect(written).toBeGreaterThan(50);
      for (const [name, count] of Object.entries(counts)) {
        total[name] = (total[name] ?? 0) + (count as number);
      }
    }
    const { wipes, fullWrites, damagedFiles, ...happened } = total;
    expect([wipes, fullWrites, damagedFiles]).toEqual([0, 0, 0]);
    expect(Object.entries(happened).filter(([, count]) => count === 0)).toEqual([]);
  });

  it('do the same again with the same seed, to the last event, and other things with another', async () => {
    const [first, second, other] = [await run(7), await run(7), await run(8)];
    expect(second).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
  });
});
