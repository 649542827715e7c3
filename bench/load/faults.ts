import type { FaultInputJson, FaultsResponseJson, LinkTrafficJson } from '../../src/protocol/faultsApi.js';
import { ask, type Peer } from './peers.js';
import { requestBytes } from '../../src/load/requestBytes.js';

/** Puts rules on links of a node. */
export async function addFaults({ port, pool }: Peer, faults: readonly FaultInputJson[]): Promise<void> {
  await pool.ask(requestBytes('POST', port, '/faults', { body: { faults } }));
}

/** Takes all rules off all links of the nodes. */
export async function healAll(peers: readonly Peer[]): Promise<void> {
  await Promise.all(peers.map(({ port, pool }) => pool.ask(requestBytes('DELETE', port, '/faults'))));
}

/** What the links of all the nodes have gone through. */
export async function linksOf(peers: readonly Peer[]): Promise<LinkTrafficJson[]> {
  const answers = await Promise.all(peers.map((peer) => ask<FaultsResponseJson>(peer, '/faults')));
  return answers.flatMap(({ links }) => links);
}
