import type { ControlStatusJson } from '../cluster/controlApi.js';
import { clusterFlag } from './clusterFlag.js';
import { tildePath } from './tildePath.js';

/** What `kvc up` says when the cluster is ready. */
export function renderUp(
  { status, dir }: { readonly status: ControlStatusJson; readonly dir: string },
  tookMs: number,
  isDetached: boolean,
): string {
  const { cluster, delivery, durability, nodes } = status;
  const kept = durability === 'durable' ? `data kept in ${tildePath(dir)}` : 'nothing kept (ephemeral)';
  const head = `✔ cluster "${cluster.name}" ready in ${(tookMs / 1000).toFixed(1)} s    delivery ${delivery}    ${kept}`;
  const urls = nodes.map((node) => `${node.name} ${node.url}`).join('   ');
  const respPorts = nodes.map((node) => node.resp_port);
  const flag = clusterFlag(cluster.name);
  const last = nodes.at(-1)?.name ?? 'node1';
  const hints = [
    `kvc write --node 1 a 1${flag}`,
    ...(nodes.length > 1 ? [`kvc delay ${last} 5s${flag}`] : []),
    `kvc inspect${flag}`,
    isDetached ? `kvc down${flag}` : 'Ctrl-C to stop',
  ];
  const resp = `Redis protocol on ${respPorts.join(', ')}: redis-cli -p ${respPorts[0]}`;
  return `${head}\n  ${urls}\n  ${resp}\nNext: ${hints.join(' · ')}`;
}
