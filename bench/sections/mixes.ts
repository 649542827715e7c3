import { join } from 'node:path';
import {
  drawnRequests,
  fillingRequests,
  type BenchProtocol,
  type BenchRequests,
} from '../../src/load/benchRequests.js';
import { RespChannel } from '../../src/load/respChannel.js';
import { runLoad, runSpreadLoad } from '../load/load.js';
import { keyCount } from '../load/request.js';
import type { Report } from '../measure/report.js';
import { withStarted, type Stoppable } from '../processes/cleanup.js';
import { startNodes, type RunningNode, type RunningNodes } from '../processes/nodes.js';
import { Rounds, type LoadCase } from './rounds.js';
import type { SectionOptions } from './section.js';

const nodeCounts = [1, 3, 5] as const;
const connections = 50;
const valueBytes = 100;
const fillPipeline = 100;
const fillMsMax = 120_000;

type Mix = Pick<BenchRequests, 'readsPercent' | 'pipeline'> & { readonly protocol: BenchProtocol };

/** In the order of every round. */
const mixes: readonly Mix[] = [90, 10].flatMap((readsPercent): Mix[] => [
  { protocol: 'resp', pipeline: 1, readsPercent },
  { protocol: 'resp', pipeline: 16, readsPercent },
  { protocol: 'http', pipeline: 1, readsPercent },
]);

interface Cluster extends Stoppable {
  readonly name: string;
  readonly nodes: readonly RunningNode[];
}

/** Mostly reads and mostly writes, at one, three and five nodes, in memory and on the disk, clients spread over the nodes. */
export async function benchMixes(options: SectionOptions): Promise<Report> {
  const { quick } = options;
  return withStarted(startsOf(options), async (clusters) => {
    for (const { nodes } of clusters) await fill(nodes[0]);
    const rounds = await Rounds.measure(
      mixes.flatMap((mix) => clusters.map((cluster) => caseOf(mix, cluster))),
      { rounds: quick ? 2 : 5, durationMs: quick ? 300 : 1500 },
    );
    return {
      name: 'mixes',
      title: `clients spread over all nodes, ${connections} connections, ${keyCount} keys, values of ${valueBytes} bytes`,
      figures: rounds.figures,
      charts: rounds.charts,
      goals: [],
      notes: [
        'all nodes share the processors of this machine, so more of them do more work for each write and answer no more',
        'x 16: pipelines of 16 commands, whose latency is that of the pipeline. Keys, and which command reads, are drawn by chance',
        ...rounds.notes,
      ],
      faults: rounds.faults,
    };
  });
}

function startsOf({ dataDir, profileDir }: SectionOptions): (() => Promise<Cluster>)[] {
  const start = (count: number, dir: string | null) => async (): Promise<Cluster> => {
    const { nodes, stop }: RunningNodes = await startNodes({ count, dataDir: dir, profileDir });
    const how = dir === null ? 'ephemeral' : 'durable';
    return { name: `kvc ${how}, ${count} ${count === 1 ? 'node' : 'nodes'}`, nodes, stop };
  };
  return nodeCounts.flatMap((count) => [start(count, null), start(count, join(dataDir, `mixes-${count}`))]);
}

async function fill(node: RunningNode | undefined): Promise<void> {
  if (node === undefined) return;
  const next = fillingRequests({ keys: keyCount, valueBytes, pipeline: fillPipeline });
  const requests = Array.from({ length: keyCount / fillPipeline }, next);
  const { answers } = await runLoad({
    port: node.respPort,
    pid: undefined,
    requests,
    connections: 1,
    durationMs: fillMsMax,
    requestsMax: requests.length,
    open: (port) => RespChannel.open(port, fillPipeline),
  });
  if (answers < requests.length) throw new Error(`${node.name} did not take all keys`);
}

function caseOf(mix: Mix, { name, nodes }: Cluster): LoadCase {
  const { protocol, pipeline, readsPercent } = mix;
  const targets = nodes.map(({ port: httpPort, respPort, pid }, index) => {
    const port = protocol === 'resp' ? respPort : httpPort;
    const next = drawnRequests({ protocol, port }, { ...mix, keys: keyCount, valueBytes }, Math.random);
    return {
      port,
      pid,
      connections: Math.floor((connections + nodes.length - 1 - index) / nodes.length),
      requests: Array.from({ length: Math.ceil(keyCount / pipeline) }, next),
    };
  });
  const by = protocol === 'http' ? 'HTTP' : pipeline === 1 ? 'RESP' : `RESP x ${pipeline}`;
  const open = protocol === 'http' ? {} : { open: (port: number) => RespChannel.open(port, pipeline) };
  return {
    work: `${by}, ${readsPercent} % reads`,
    server: name,
    run: (_, durationMs) => runSpreadLoad(targets, { ...open, pipeline, durationMs }),
  };
}
