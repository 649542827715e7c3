import { covers, type VersionVector } from '../core/clock/versionVector.js';
import { nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import { asKvcError, hasCode, KvcError } from '../errors.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { Transport } from '../transport/transport.js';
import type { Time } from './time.js';

export interface SnapshotLoaderOptions {
  readonly time: Time;
  readonly replica: ReplicaId;
  readonly transport: Transport;
  readonly keys: KeyStore;
  /** What the snapshot must contain: what this node can get nowhere else, or has lost. */
  readonly mustCover: VersionVector;
  readonly progress: (reason: string) => void;
  readonly signal: AbortSignal;
}

const pauseMs = 200;
const roomPauseMs = 1000;
/** Failures in a row after which another peer is asked; one that is not reached and has given no part yet is not waited for. */
const failuresMax = 10;

/**
 * Takes a snapshot, part by part, and stages it, of whichever peer can give one. It does not give up: a node that calls this
 * has nothing to serve without. What was begun before a restart goes on with the same snapshot as long as its peer has it.
 * @throws KvcError KVC_E_REMOVED, KVC_E_CLOSED when the signal aborts it, and what the own store fails with
 */
export async function loadSnapshot(
  options: SnapshotLoaderOptions & { readonly peers: readonly NodeName[] },
): Promise<void> {
  const { time, peers, keys, progress, signal } = options;
  const begun = keys.staged && peers.find((peer) => isOf(keys, peer));
  for (let turn = begun === undefined ? 0 : peers.indexOf(begun); ; turn += 1) {
    const peer = peers[turn % peers.length];
    if (peer === undefined) throw new KvcError('KVC_E_DATA_LOST', 'there is no peer to take a snapshot of');
    const failure = await takeSnapshot(options, peer);
    if (failure === undefined) return;
    progress(`waits for a snapshot, attempt ${turn + 2}: ${failure}`);
    await time.pause(pauseMs);
    signal.throwIfAborted();
  }
}

/**
 * Takes a snapshot of one peer and stages it: what this node serves meanwhile stays as it is.
 * @returns undefined when it is staged whole; else why this peer is of no help now
 * @throws KvcError like `loadSnapshot`
 */
export async function takeSnapshot(
  options: SnapshotLoaderOptions,
  peer: NodeName,
): Promise<string | undefined> {
  const { time, keys, signal, progress } = options;
  let failures = 0;
  while (keys.staged?.next !== 'complete' || !isOf(keys, peer)) {
    signal.throwIfAborted();
    const chunk = await fetchNext(options, peer);
    signal.throwIfAborted();
    if (chunk instanceof KvcError) {
      const isOwn = chunk.code === 'KVC_E_REMOVED' && chunk.facts.replica === options.replica;
      if (isOwn) throw chunk;
      if (chunk.code === 'KVC_E_SNAPSHOT_GONE' && isOf(keys, peer))
        await whenRoom(options, () => keys.dropStaged());
      failures += 1;
      const isAway = chunk.code === 'KVC_E_NODE_UNREACHABLE' && !isOf(keys, peer);
      const isHopeless = isAway || chunk.code === 'KVC_E_NODE_UNKNOWN';
      if (failures >= failuresMax || isHopeless) return `${peer}: ${chunk.message}`;
      await time.pause(pauseMs);
      continue;
    }
    const refusal = await stage(options, peer, chunk);
    if (refusal !== undefined) return refusal;
    failures = 0;
    progress(`loads a snapshot from ${peer}: ${keys.stagedEntries} of ${chunk.entries} entries`);
  }
  return undefined;
}

/** What the peer, or the network, says: no failure of theirs is one of this node. */
async function fetchNext(
  { transport, keys, replica: from }: SnapshotLoaderOptions,
  peer: NodeName,
): Promise<SnapshotChunk | KvcError> {
  const staged = isOf(keys, peer) ? keys.staged : undefined;
  const snapshot = staged?.source.snapshot ?? null;
  const position = staged === undefined || staged.next === 'complete' ? null : staged.next;
  try {
    return await transport.fetchSnapshot(peer, { from, snapshot, position });
  } catch (error) {
    return asKvcError(error);
  }
}

/** @returns why the part is of no use */
async function stage(
  options: SnapshotLoaderOptions,
  peer: NodeName,
  chunk: SnapshotChunk,
): Promise<string | undefined> {
  const { keys, mustCover } = options;
  const source = { replica: chunk.from, snapshot: chunk.snapshot };
  if (!isOf(keys, peer)) {
    if (nodeOf(chunk.from) !== peer) return `${peer} answers with the state of ${chunk.from}`;
    if (!covers(chunk.checkpoint.clock, mustCover)) {
      return `${peer} lacks updates that this node cannot get otherwise`;
    }
    await whenRoom(options, () => keys.beginStaging(source, chunk.checkpoint));
  }
  // Parts of two cuts together would be a state that never was.
  const { replica, snapshot } = keys.staged?.source ?? source;
  if (chunk.from !== replica || chunk.snapshot !== snapshot) {
    return `${peer} answers with a part of another snapshot than it was asked for`;
  }
  await whenRoom(options, () => keys.stage(chunk, chunk.next ?? 'complete'));
  return undefined;
}

/** Does what needs room on the disk, again and again until there is some. */
export async function whenRoom(
  { time, progress, signal }: Pick<SnapshotLoaderOptions, 'time' | 'progress' | 'signal'>,
  work: () => Promise<unknown>,
): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!hasCode(error, 'KVC_E_DISK_FULL')) throw error;
      progress(`waits for room on the disk: ${error.message}`);
      await time.pause(roomPauseMs);
      signal.throwIfAborted();
    }
  }
}

function isOf(keys: KeyStore, peer: NodeName): boolean {
  return keys.staged !== undefined && nodeOf(keys.staged.source.replica) === peer;
}
