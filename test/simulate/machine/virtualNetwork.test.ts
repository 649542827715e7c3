import { describe, expect, it } from 'vitest';
import type { NodeName } from '../../../src/core/ids.js';
import type { Life, Machine } from '../../../src/simulate/machine/machine.js';
import { partition, partitionShapes, type PartitionShape } from '../../../src/simulate/machine/partitions.js';
import type { Universe } from '../../../src/simulate/machine/universe.js';
import { SeededRandom } from '../../../src/simulate/machine/seededRandom.js';
import {
  faultless,
  VirtualNetwork,
  type NetworkFaults,
} from '../../../src/simulate/machine/virtualNetwork.js';
import { VirtualTransport } from '../../../src/simulate/machine/virtualTransport.js';
import type { PeerHandlers } from '../../../src/transport/peerHandlers.js';
import { answerWith, message, update } from '../../transport/messages.js';
import { machineIn, outcome, startMs, universe } from './universes.js';

const [node1, node2] = ['node1', 'node2'] as NodeName[] as [NodeName, NodeName];
const names = ['node1', 'node2', 'node3', 'node4', 'node5'] as NodeName[];
const never = (): boolean => false;

interface Pair {
  readonly around: Universe;
  readonly network: VirtualNetwork;
  readonly other: Machine;
  readonly transport: VirtualTransport;
  readonly own: Machine;
  /** The counters that reached node2. */
  readonly arrived: number[];
}

/** node1, which sends, and node2, which answers. */
function pair(faults: Partial<NetworkFaults> = {}, seed = 1): Pair {
  const around = universe(seed);
  const network = new VirtualNetwork({ ...faultless, ...faults }, around);
  const [own, other] = [machineIn(around), machineIn(around, 'node2')];
  const arrived: number[] = [];
  listen(network, other.boot(), arrived);
  return { around, network, own, other, arrived, transport: new VirtualTransport(network, own.boot().line) };
}

function listen(network: VirtualNetwork, life: Life, arrived: number[]): void {
  const refuse = (): Promise<never> => Promise.reject(new Error('not asked here'));
  const replicate: PeerHandlers['replicate'] = async ({ updates }) => {
    const counter = updates[0]?.dot.counter ?? 0;
    arrived.push(counter);
    await life.time.pause(1);
    return answerWith(Math.max(1, counter));
  };
  network.listen(life.line, { replicate, snapshot: refuse, join: refuse });
}

function send({ transport }: Pair, counter: number): Promise<unknown> {
  return transport.send(node2, message([update(counter)]));
}

/** @returns whether each was answered */
async function sendMany(world: Pair, messages: number): Promise<boolean[]> {
  const sent: Promise<boolean>[] = [];
  for (let counter = 1; counter <= messages; counter += 1) {
    sent.push(isAnswered(world, counter));
    await world.around.timeline.runUntil(never, world.around.timeline.nowMs + 1);
  }
  return outcome(world.around, Promise.all(sent));
}

function isAnswered(world: Pair, counter = 1): Promise<boolean> {
  return send(world, counter).then(
    () => true,
    () => false,
  );
}

describe('a virtual network', () => {
  it('loses, duplicates, delays and reorders as often as it is told to, and counts it', async () => {
    const world = pair({ loss: 0.1, duplication: 0.1, jitterMs: 20, latencyMsMax: 50, straying: 0.05 });
    const outcomes = await sendMany(world, 1000);
    const failed = outcomes.filter((answered) => !answered).length;
    const { counts } = world.around;
    expect(counts.messages).toBe(1000);
    for (const count of ['lost', 'duplicated'] as const) {
      expect(counts[count]).toBeGreaterThan(130);
      expect(counts[count]).toBeLessThan(260);
    }
    expect(counts.reordered).toBeGreaterThan(200);
    expect(counts.late).toBeGreaterThan(50);
    expect(failed).toBe(counts.timeouts);
    expect(failed).toBeGreaterThan(200);
    expect(failed).toBeLessThan(350);
    expect(new Set(world.arrived).size).toBeGreaterThan(850);
    expect(world.arrived.length).toBeGreaterThan(950);
  });

  it('gives each link a speed of its own, a few of them far slower, which can be set', async () => {
    const around = universe(5);
    const network = new VirtualNetwork({ ...faultless, latencyMsMax: 100 }, around);
    const tripsMs: number[] = [];
    const measure = (source: NodeName, target: NodeName): void => {
      const sentMs = around.timeline.nowMs;
      network.send(source, target, 'request', () => tripsMs.push(around.timeline.nowMs - sentMs));
    };
    for (const source of names) for (const target of names) if (source !== target) measure(source, target);
    await around.timeline.runUntil(never, startMs + 200);
    expect(new Set(tripsMs).size).toBeGreaterThan(8);
    expect(tripsMs.filter((ms) => ms < 25).length).toBeGreaterThan(8);
    expect(Math.max(...tripsMs)).toBeGreaterThan(50);
    network.setLatency(node1, node2, 77);
    measure(node1, node2);
    await around.timeline.runUntil(never, startMs + 400);
    expect(tripsMs.at(-1)).toBe(77);
  });

  it('cuts the requests of one direction, or everything', async () => {
    const world = pair();
    const { network, around } = world;
    for (const [source, target, kind, answered, arrives] of [
      [node1, node2, 'requests', false, 0],
      [node1, node2, 'everything', false, 0],
      [node2, node1, 'requests', true, 1],
      [node2, node1, 'everything', false, 1],
    ] as const) {
      world.arrived.length = 0;
      network.cut([{ source, target, kind }]);
      expect(network.cuts).toEqual([{ source, target, kind }]);
      const isTold = await outcome(around, isAnswered(world));
      expect([isTold, world.arrived.length, network.canAsk(node1, node2)]).toEqual([
        answered,
        arrives,
        answered,
      ]);
      network.heal(source, target);
      expect(await outcome(around, isAnswered(world))).toBe(true);
    }
    expect(around.counts.cut).toBe(3);
  });

  it('takes back cuts until every node can be reached from every other', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const network = new VirtualNetwork(faultless, universe(seed));
      for (const shape of partitionShapes) {
        network.cut(partition(shape, names, 'everything', new SeededRandom(seed)));
      }
      network.reconnect(names, true);
      const reached = new Set<NodeName>([node1]);
      for (const source of reached) {
        for (const target of names) {
          if (network.canAsk(source, target) && network.canAsk(target, source)) reached.add(target);
        }
      }
      expect(reached.size).toBe(5);
      network.healAll();
      expect(network.hasCuts).toBe(false);
    }
  });

  it('makes partitions of every shape', () => {
    const cutsOf = (shape: PartitionShape, nodes = names, seed = 1): number =>
      partition(shape, nodes, 'everything', new SeededRandom(seed)).length;
    const shapes = partitionShapes.map((shape) => [shape, cutsOf(shape)]);
    expect(Object.fromEntries(shapes)).toMatchObject({ oneWay: 1, bothWays: 2, alone: 8, ring: 10 });
    const [halves, bridges] = [new Set<number>(), new Set<number>()];
    for (let seed = 0; seed < 50; seed += 1) {
      halves.add(cutsOf('halves', names, seed));
      bridges.add(cutsOf('bridge', names, seed));
    }
    // One and four, or two and three; with one in common one and three, or two and two.
    expect(halves).toEqual(new Set([8, 12]));
    expect(bridges).toEqual(new Set([6, 8]));
    for (const shape of partitionShapes) expect(cutsOf(shape, names.slice(0, 1))).toBe(0);
  });
});

describe('a machine on a virtual network', () => {
  it('answers from its present life, and refuses for itself where it has none', async () => {
    const world = pair({ latencyMsMax: 10 });
    const { around, other, network, arrived } = world;
    other.kill();
    await expect(outcome(around, send(world, 1))).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: 'node2 is not there',
    });
    const before = around.timeline.nowMs;
    const asked = send(world, 2);
    listen(network, other.boot(), arrived);
    expect(await outcome(around, asked)).toEqual(answerWith(2));
    expect(around.timeline.nowMs - before).toBeLessThan(100);
  });

  it('leaves unanswered what its life was at when it ended, also where it ends in answering', async () => {
    for (const end of [(machine: Machine) => machine.kill(), (machine: Machine) => machine.crashAt(1)]) {
      const world = pair();
      const asked = send(world, 1);
      await world.around.timeline.runUntil(() => world.arrived.length === 1, Infinity);
      end(world.other);
      await expect(outcome(world.around, asked)).rejects.toMatchObject({
        message: 'node2 did not answer within 0.3 s',
      });
      expect([world.arrived, world.around.counts.answers]).toEqual([[1], 0]);
    }
  });

  it('hears nothing of an answer when its life has ended, and sends nothing more', async () => {
    const world = pair();
    const told: string[] = [];
    const tell = (): void => void told.push('told');
    send(world, 1).then(tell, tell);
    world.own.crash();
    send(world, 2).then(tell, tell);
    await world.around.timeline.runUntil(never, startMs + 1000);
    expect([told, world.arrived]).toEqual([[], [1]]);
  });

  it('answers after its pause what came during it', async () => {
    const world = pair();
    world.other.pause();
    const asked = send(world, 1);
    world.around.timeline.after(200, () => world.other.resume());
    expect(await outcome(world.around, asked)).toEqual(answerWith(1));
    expect(world.around.timeline.nowMs).toBe(startMs + 201);
  });
});
