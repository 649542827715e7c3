import type { AddFaultJson, AddLinkFaultJson, ClearFaultsJson } from '../cluster/controlApi.js';
import { messageOf } from '../errors.js';
import type { FaultKind } from '../protocol/faultsApi.js';
import type { Action, PacketEffect } from './actions.js';
import { awaited, pause, Skipped, TooLate, type Stage } from './stage.js';

/**
 * No fault ends by itself: that would be at a time of the node's wall clock, which may be an hour off. They are cleared by
 * whoever made them, and all at the end of the phase.
 */
const terms = { for_ms: null } as const;

/** How long a node may take to join before faults of links are made without it. */
const joinMsMax = 4000;

/** One link slower than the detour over the other nodes. It stays until the phase ends. */
export async function slowLink(
  stage: Stage,
  action: Extract<Action, { kind: 'slow' }>,
  phase: AbortSignal,
): Promise<void> {
  const { source, target, delayMs } = action;
  requireNodes(stage, [source, target]);
  const effect: PacketEffect = { kind: 'delay', delay_ms: delayMs, jitter_ms: Math.round(delayMs / 4) };
  await stage.cluster.addFault(linkFault(stage, `${source}:${target}`, effect), phase);
}

/** Some of the nodes named may have left; who is in no group is in one more. */
export async function partition(
  stage: Stage,
  groups: readonly (readonly string[])[],
  forMs: number,
  phase: AbortSignal,
): Promise<void> {
  const present = groups
    .map((group) => group.filter((node) => stage.cluster.has(node)))
    .filter((group) => group.length > 0);
  if (present.length < 2) throw new Skipped('those nodes have left');
  await cut(stage, { kind: 'partition', groups: present, seed: stage.seed, ...terms }, forMs, phase);
}

/** Where the node that was to make it four is not there, one is cut off instead, so that a partition happens all the same. */
export async function ring(stage: Stage, forMs: number, phase: AbortSignal): Promise<void> {
  const [first, ...rest] = stage.cluster.nodeNames();
  if (first !== undefined && rest.length < 3) return partition(stage, [[first], rest], forMs, phase);
  await cut(stage, { kind: 'partition', shape: 'ring', seed: stage.seed, ...terms }, forMs, phase);
}

/** A link that is cut one way only. */
export async function mute(
  stage: Stage,
  { source, target, forMs }: Extract<Action, { kind: 'mute' }>,
  phase: AbortSignal,
): Promise<void> {
  requireNodes(stage, [source, target]);
  const link = `${source}:${target}`;
  await cut(stage, linkFault(stage, link, { kind: 'drop', percent: 100 }), forMs, phase, {
    kind: 'drop',
    target: link,
  });
}

export async function disturbPackets(
  stage: Stage,
  { target, effect, forMs }: Extract<Action, { kind: 'packet' }>,
  phase: AbortSignal,
): Promise<void> {
  if (target !== 'all') requireNodes(stage, [target]);
  const undo = { kind: effect.kind, ...(target === 'all' ? {} : { target }) };
  await act(stage, { fault: linkFault(stage, target, effect), undo, forMs }, phase);
  stage.tally.packets += 1;
}

async function cut(
  stage: Stage,
  fault: AddFaultJson,
  forMs: number,
  phase: AbortSignal,
  undo: UndoneFault = { kind: 'partition' },
): Promise<void> {
  await act(stage, { fault, undo, forMs }, phase);
  stage.tally.partitions += 1;
}

type UndoneFault = ClearFaultsJson & { readonly kind: FaultKind };

/**
 * Has links fail for a time, and sees to it that a message suffers it.
 * @throws TooLate if none was seen to: nodes may take long to start, or to answer
 */
async function act(
  { cluster, witness }: Stage,
  {
    fault,
    undo,
    forMs,
  }: { readonly fault: AddFaultJson; readonly undo: UndoneFault; readonly forMs: number },
  phase: AbortSignal,
): Promise<void> {
  await awaitLinks(cluster);
  if (phase.aborted) throw new TooLate('its phase was over before all nodes had started');
  await begin(cluster.addFault(fault, phase));
  const over = pause(forMs, phase);
  const hasActed = await witness.sees(undo.kind, over);
  await over;
  await cluster.clearFaults(undo);
  if (!hasActed) throw new TooLate('no message was seen to suffer it');
}

/** It fails for nodes that are just then crashing, joining, or too busy to answer. */
async function begin(added: Promise<void>): Promise<void> {
  try {
    await added;
  } catch (error) {
    throw new TooLate(messageOf(error), { cause: error });
  }
}

/** A node that joins is not known to the others yet, so there are no links to it that could fail. */
async function awaitLinks(cluster: Stage['cluster']): Promise<void> {
  await awaited(() => cluster.nodes().every(({ state }) => state !== 'starting'), joinMsMax);
}

function linkFault({ seed }: Stage, target: string, effect: PacketEffect): AddLinkFaultJson {
  return { target, both: false, seed, ...effect, ...terms };
}

function requireNodes({ cluster }: Stage, nodes: readonly string[]): void {
  const missing = nodes.find((node) => !cluster.has(node));
  if (missing !== undefined) throw new Skipped(`${missing} has left`);
}
