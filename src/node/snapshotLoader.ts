import { setTimeout as pause } from 'node:timers/promises';
import { covers, type VersionVector } from '../core/clock/versionVector.js';
import type { NodeName, ReplicaId } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { StagedSnapshot } from '../storage/storeSnapshot.js';
import type { Transport } from '../transport/transport.js';

export interface SnapshotLoaderOptions {
  readonly replica: ReplicaId;
  /** Asked in this order. */
  readonly peers: readonly NodeName[];
  readonly transport: Transport;
  readonly keys: KeyStore;
  /** What the snapshot must contain: what this node can get nowhere else, or has lost. */
  readonly mustCover: VersionVector;
  readonly progress: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** Whose state is staged. The source is noted as `NODE REPLICA SNAPSHOT`. */
export function ownerOf({ source }: StagedSnapshot): ReplicaId {
  return source.split(' ')[1] as ReplicaId;
}

const pauseMs = 200;
/** Failures in a row after which another peer is asked. */
const failuresMax = 10;

/**
 * Takes a snapshot of a peer, part by part, and stages it: what this node serves meanwhile stays as it is. After a failure
 * it goes on where it was, with the same snapshot as long as the peer has it; after a restart of this node, too.
 * @throws KvcError KVC_E_REMOVED, KVC_E_CLOSED when the signal aborts it, and what the store fails with
 */
export async function loadSnapshot(options: SnapshotLoaderOptions): Promise<void> {
  const { peers, keys, progress, signal } = options;
  if (keys.staged?.next === 'complete') return;
  const begun = keys.staged && peers.find((peer) => keys.staged?.source.startsWith(`${peer} `));
  for (let turn = begun === undefined ? 0 : peers.indexOf(begun); ; turn += 1) {
    const peer = peers[turn % peers.length];
    if (peer === undefined) throw new KvcError('KVC_E_DATA_LOST', 'there is no peer to take a snapshot of');
    const failure = await loadFrom(options, peer);
    if (failure === undefined) return;
    progress(`waits for a snapshot: ${failure}`);
    await pause(pauseMs, undefined, { signal });
  }
}

/** @returns why another peer has to be asked; undefined when the snapshot is staged whole */
async function loadFrom(options: SnapshotLoaderOptions, peer: NodeName): Promise<string | undefined> {
  const { keys, signal, progress } = options;
  let failures = 0;
  let taken = 0;
  while (keys.staged?.next !== 'complete' || !isOf(keys, peer)) {
    signal.throwIfAborted();
    try {
      const chunk = await takeNextChunk(options, peer);
      if (chunk === undefined) return `${peer} lacks updates that this node cannot get otherwise`;
      failures = 0;
      taken += chunk.requests.length + chunk.keys.length;
      progress(`loads a snapshot from ${peer}: ${taken} of ${chunk.entries} entries`);
    } catch (error) {
      if (!(error instanceof KvcError) || isFinal(error)) throw error;
      if (error.code === 'KVC_E_SNAPSHOT_GONE') await keys.dropStaged();
      failures += 1;
      if (failures >= failuresMax) return `${peer}: ${error.message}`;
      await pause(pauseMs, undefined, { signal });
    }
  }
  return undefined;
}

/** @returns undefined if the snapshot is of no use: it lacks what it must cover */
async function takeNextChunk(
  options: SnapshotLoaderOptions,
  peer: NodeName,
): Promise<SnapshotChunk | undefined> {
  const { transport, keys, replica: from, mustCover } = options;
  const staged = isOf(keys, peer) ? keys.staged : undefined;
  const snapshot = staged?.source.split(' ')[2] ?? null;
  const position = staged === undefined || staged.next === 'complete' ? null : staged.next;
  const chunk = await transport.fetchSnapshot(peer, { from, snapshot, position });
  if (staged === undefined) {
    if (!covers(chunk.checkpoint.clock, mustCover)) return undefined;
    await keys.beginStaging(`${peer} ${chunk.from} ${chunk.snapshot}`, chunk.checkpoint);
  }
  await keys.stage(chunk, chunk.next ?? 'complete');
  return chunk;
}

function isOf(keys: KeyStore, peer: NodeName): boolean {
  return keys.staged?.source.startsWith(`${peer} `) ?? false;
}

function isFinal({ code }: KvcError): boolean {
  return code === 'KVC_E_REMOVED' || code === 'KVC_E_CLOSED' || code === 'KVC_E_STORE_FAILED';
}
