import { join } from 'node:path';
import { anyFreePorts } from '../../src/cluster/ports.js';
import { Connection } from '../../src/load/connection.js';
import { requestBytes } from '../../src/load/requestBytes.js';
import { keyCount, keyNumber, valueOf100Bytes } from '../load/request.js';
import type { RunningProcess } from '../processes/nodes.js';
import { findInstalled, Program, startAll, type Installed } from './program.js';

const readyMsMax = 20_000;

export interface RunningEtcd extends RunningProcess {
  readonly stop: () => Promise<void>;
}

export function findEtcd(): Installed | undefined {
  return findInstalled('etcd', '--version');
}

/** The members of one cluster, ready. What they acknowledge is durable at most of them. */
export async function startEtcd(dir: string, count: number): Promise<RunningEtcd[]> {
  const ports = await anyFreePorts(2 * count);
  const members = Array.from({ length: count }, (_, index) => ({
    name: `etcd${index + 1}`,
    port: ports[index] ?? 0,
    peerUrl: `http://127.0.0.1:${ports[count + index] ?? 0}`,
  }));
  const cluster = members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',');
  return startAll(members.map((member) => startMember(dir, member, cluster)));
}

async function startMember(
  dir: string,
  { name, port, peerUrl }: { readonly name: string; readonly port: number; readonly peerUrl: string },
  cluster: string,
): Promise<RunningEtcd> {
  const clientUrl = `http://127.0.0.1:${port}`;
  const data = join(dir, name);
  const addresses = [
    ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
    ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
  ];
  const program = await Program.start(
    'etcd',
    ['--name', name, '--data-dir', join(data, 'data'), ...addresses],
    data,
  );
  const etcd = { port, pid: program.pid, stop: () => program.stop() };
  return program.whenReady(() => isHealthy(port), readyMsMax, etcd);
}

/** It is once there is a leader. */
async function isHealthy(port: number): Promise<boolean> {
  const connection = await Connection.open(port);
  const { status } = await connection.ask(requestBytes('GET', port, '/health'));
  connection.close();
  return status === 200;
}

/** Over its HTTP gateway. */
export function etcdWrites(port: number): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    requestBytes('POST', port, '/v3/kv/put', {
      body: { key: base64(keyNumber(index)), value: base64(valueOf100Bytes(index)) },
    }),
  );
}

/** From what the member has, as all reads of kvc are: without asking the others whether that is the latest. */
export function etcdReads(port: number): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    requestBytes('POST', port, '/v3/kv/range', {
      body: { key: base64(keyNumber(index)), serializable: true },
    }),
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
