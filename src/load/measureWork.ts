import { KvcError, messageOf } from '../errors.js';
import type { BenchNode } from './benchNodes.js';
import type { BenchLineJson, LatencyJson } from './benchReport.js';
import { drawnRequests, fillingRequests } from './benchRequests.js';
import type { BenchWork } from './benchWorks.js';
import type { Channel } from './channel.js';
import { runClosedLoop, type LoopAmount, type LoopResult, type LoopTarget } from './closedLoop.js';
import { Connection } from './connection.js';
import type { Histogram } from './histogram.js';
import { RespChannel } from './respChannel.js';

/** A node that does not answer for so long counts as lost. */
export const answerMsMax = 10_000;
const fillMsMax = 600_000;
const fillConnections = 4;
/** Of one pipeline, about. */
const fillBytes = 256 * 1024;
const fillPipelineMax = 100;
const refusalCharactersMax = 200;

export type Watched = Pick<LoopAmount, 'signal' | 'onProgress'>;

/**
 * The clients divided among the nodes, each sending the next request when it has the answer to the one before.
 * @throws KvcError KVC_E_NODE_UNREACHABLE when a node cannot be reached or loses a connection; KVC_E_ABORTED
 */
export async function measureWork(
  nodes: readonly BenchNode[],
  clients: number,
  work: BenchWork,
  { seconds, ...watched }: Watched & { readonly seconds: number },
): Promise<BenchLineJson> {
  const { protocol, pipeline, readsPercent } = work;
  const targets = nodes.map((node, index) => {
    const port = protocol === 'resp' ? node.respPort : node.port;
    const connections = Math.floor((clients + nodes.length - 1 - index) / nodes.length);
    return { port, connections, nextRequest: drawnRequests({ protocol, port }, work, Math.random) };
  });
  const result = await drive(nodes, targets, {
    ...watched,
    durationMs: seconds * 1000,
    open: (port) => (protocol === 'resp' ? RespChannel.open(port, pipeline) : Connection.open(port)),
  });
  const { latencies, elapsedMs, refused, refusal, generatorBusy } = result;
  const answered = latencies.count * pipeline;
  return {
    protocol,
    pipeline,
    reads_percent: readsPercent,
    answered,
    per_second: (answered / elapsedMs) * 1000,
    ...latencyOf(latencies),
    refused,
    refusal: refusal === undefined ? null : refusal.slice(0, refusalCharactersMax).trim(),
    generator_busy: generatorBusy,
  };
}

/** Writes every key at one node. @throws as measureWork, and KVC_E_OVERLOADED when the node refuses */
export async function fillKeys(
  node: BenchNode,
  { keys, valueBytes }: Pick<BenchWork, 'keys' | 'valueBytes'>,
  watched: Watched,
): Promise<void> {
  const pipeline = Math.max(1, Math.min(fillPipelineMax, keys, Math.floor(fillBytes / valueBytes)));
  const target = {
    port: node.respPort,
    connections: fillConnections,
    nextRequest: fillingRequests({ keys, valueBytes, pipeline }),
  };
  const { refusal, latencies } = await drive([node], [target], {
    ...watched,
    durationMs: fillMsMax,
    requestsMax: Math.ceil(keys / pipeline),
    open: (port) => RespChannel.open(port, pipeline),
  });
  if (latencies.count === Math.ceil(keys / pipeline)) return;
  const why = refusal === undefined ? 'it takes too long' : refusal.slice(0, refusalCharactersMax).trim();
  throw new KvcError('KVC_E_OVERLOADED', `${node.name} did not take all ${keys} keys: ${why}`, {
    node: node.name,
  });
}

export function latencyOf(latencies: Histogram): LatencyJson {
  const ms = (percent: number) => (latencies.count === 0 ? null : latencies.percentile(percent));
  return { p50_ms: ms(50), p95_ms: ms(95), p99_ms: ms(99), max_ms: ms(100) };
}

export function requireWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KvcError('KVC_E_ABORTED', 'the measurement was ended');
}

async function drive(
  nodes: readonly BenchNode[],
  targets: readonly LoopTarget[],
  amount: LoopAmount,
): Promise<LoopResult> {
  requireWanted(amount.signal);
  const open = (port: number): Promise<Channel> =>
    amount.open(port).catch((error: unknown) => {
      throw unreachable(nodes, port, messageOf(error));
    });
  const result = await runClosedLoop(targets, { ...amount, answerMsMax, open });
  requireWanted(amount.signal);
  const [lost] = result.lostPorts;
  if (lost === undefined) return result;
  throw unreachable(
    nodes,
    lost,
    `a connection was lost, or had no answer ${answerMsMax / 1000} s after the end`,
  );
}

function unreachable(nodes: readonly BenchNode[], port: number, why: string): KvcError {
  const node = nodes.find((each) => each.port === port || each.respPort === port);
  const name = node?.name ?? `port ${port}`;
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${name}: ${why}`, { node: name, try: ['kvc status'] });
}
