import type { ControlNodeJson } from '../cluster/controlApi.js';
import { clusterFlag } from './clusterFlag.js';

/** What `kvc add` says when the node serves. */
export function renderAdd(
  { name, url, resp_port }: ControlNodeJson,
  tookMs: number,
  cluster: string,
): string {
  const flag = clusterFlag(cluster);
  const hints = [`kvc list --node ${name}`, `kvc inspect ${name}`, `kvc remove ${name}`];
  const next = hints.map((hint) => hint + flag).join(' · ');
  return `${name} ${url} (Redis protocol: ${resp_port}) joined in ${(tookMs / 1000).toFixed(1)} s\nNext: ${next}`;
}
