import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { requestJson } from '../../src/client/requestJson.js';
import { readClusterFile, type ClusterFile } from '../../src/cluster/clusterFile.js';
import type { ControlClient } from '../../src/cluster/controlClient.js';
import type { ControlNodeJson } from '../../src/cluster/controlApi.js';
import { launchCluster, type LaunchedCluster } from '../../src/cluster/launchCluster.js';
import { openCluster } from '../../src/cluster/openCluster.js';
import type { ClusterRequest } from '../../src/cluster/planCluster.js';
import { stopAllClusters } from '../../src/cluster/stopCluster.js';
import type { NodeConfig } from '../../src/protocol/nodeMessages.js';
import type { FaultRuleJson } from '../../src/protocol/faultsApi.js';
import { freePorts } from '../support/ports.js';

const nodeEntry = fileURLToPath(new URL('./standInNode.mjs', import.meta.url));

/** How a node is removed. */
export const leaving = { force: false, timeout_ms: 30_000 };
export const byForce = { force: true, timeout_ms: 30_000 };

interface StandIn {
  readonly instance: string;
  readonly pid: number;
  readonly faults: readonly FaultRuleJson[];
  readonly config: NodeConfig;
  /** What was asked of it under /members. */
  readonly asked: readonly { readonly action: string; readonly query: string; readonly body: unknown }[];
}

/** What stand-in nodes are to do otherwise (standInNode.mjs); to be said before the cluster is started. */
export function order(orders: Readonly<Record<string, object>>): void {
  process.env['KVC_TEST_NODE'] = JSON.stringify(orders);
}

/** Gives every test a KVC_HOME of its own; whatever it leaves running is stopped, and the directory removed. */
export function useTestHome(): { home: () => string; dataDir: (node: string) => string } {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'kvc-test-'));
    process.env['KVC_HOME'] = home;
  });
  afterEach(async () => {
    delete process.env['KVC_TEST_NODE'];
    await stopAllClusters(false);
    const left = processesIn(home);
    delete process.env['KVC_HOME'];
    rmSync(home, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
  });
  return { home: () => home, dataDir: (node) => join(home, 'test', 'data', node) };
}

/** Starts a cluster of stand-in nodes under a real supervisor process, detached. */
export function up(request: Partial<ClusterRequest> = {}, detach = true): Promise<LaunchedCluster> {
  return launchCluster({ request: { name: 'test', ...request }, detach, nodeEntry });
}

/** The same on ports of its own, with room behind them: other tests take the default ones meanwhile. */
export async function upApart(
  nodes: number,
  request: Partial<ClusterRequest> = {},
): Promise<LaunchedCluster> {
  const [port] = await freePorts(nodes + 4);
  return up({ nodes, port, ...request });
}

/** The control API of a new cluster of so many nodes. */
export async function upWithControl(nodes: number): Promise<ControlClient> {
  await upApart(nodes);
  return (await openCluster('test')).control;
}

/** What the cluster file says. */
export function fileOf(home: string, name = 'test'): ClusterFile {
  const found = readClusterFile(join(home, name));
  if (found === undefined) throw new Error('there is no cluster file');
  return found;
}

/** A promise that is awaited later, and may reject before. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

export async function nodesOf(name = 'test'): Promise<readonly ControlNodeJson[]> {
  return (await (await openCluster(name)).control.status()).nodes;
}

export async function namesNow(): Promise<string[]> {
  return (await nodesOf()).map(({ name }) => name);
}

/** What a stand-in node says of itself. */
export async function ask(node: { url: string } | undefined, path = '/healthz'): Promise<StandIn> {
  const answer = await requestJson({ url: `${node!.url}${path}`, timeoutMs: 2000 });
  return answer.body as StandIn;
}

export function supervisorPid(home: string, name = 'test'): number {
  const file = JSON.parse(readFileSync(join(home, name, 'cluster.json'), 'utf8')) as {
    supervisor: { pid: number };
  };
  return file.supervisor.pid;
}

/** Whether the process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Command lines of live processes that were started with this KVC_HOME. */
function processesIn(home: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && isAlive(Number(pid)))
    .flatMap((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`KVC_HOME=${home}\0`);
        return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        return [];
      }
    });
}
