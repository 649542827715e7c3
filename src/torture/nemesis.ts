import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { Action } from './actions.js';
import { loseDisk } from './diskFault.js';
import { disturbPackets, mute, partition, ring, slowLink } from './networkFaults.js';
import { killNode, pauseNode } from './processFaults.js';
import type { Schedule } from './schedule.js';
import { awaited, pause, serveMsMax, Skipped, TooLate, type Stage } from './stage.js';
import type { Trace } from './trace.js';

/** What no node may be taken down for, or another one. */
const membersMin = 3;
/** A node that is frozen or down follows when it is back. */
const clockMsMax = 5000;
const retryMs = 200;

/** Breaks a cluster on schedule, and heals it. Whatever it could not do is in the trace, and not in the tally. */
export class Nemesis {
  readonly #stage: Stage;
  readonly #trace: Trace;
  /** Of each node, the last thing that was begun with its process. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();
  #disk: Promise<void> = Promise.resolve();
  /** What did not come to act in its phase; it may in the next one, or after the last, once. */
  #deferred: Action[] = [];
  #phase = new AbortController();

  constructor(stage: Stage, trace: Trace) {
    this.#stage = stage;
    this.#trace = trace;
  }

  /** Resolves when all is done and healed; begins nothing more when the signal aborts, and heals. */
  async run({ actions }: Schedule, signal: AbortSignal): Promise<void> {
    const endPhase = (): void => this.#phase.abort();
    signal.addEventListener('abort', endPhase);
    let startMs = performance.now();
    for (const { atMs, ...action } of actions) {
      await pause(Math.max(0, startMs + atMs - performance.now()), signal);
      if (signal.aborted) break;
      if (action.kind !== 'heal') this.#begin(action);
      else {
        await this.#heal();
        this.#beginDeferred();
        // A phase that took longer to heal than it had does not take from the next one.
        startMs = Math.max(startMs, performance.now() - atMs);
      }
    }
    await Promise.all(this.#underWay);
    await this.#heal();
    signal.removeEventListener('abort', endPhase);
  }

  #beginDeferred(): void {
    const actions = this.#deferred;
    this.#deferred = [];
    for (const action of actions) this.#begin(action, true);
  }

  #begin(action: Action, wasDeferred = false): void {
    const done = this.#carryOut(action, wasDeferred).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async #carryOut(action: Action, wasDeferred: boolean): Promise<void> {
    try {
      const detail = await this.#inTurn(action);
      this.#trace.add('ends', { action, ...(detail === undefined ? {} : { detail }) });
    } catch (error) {
      if (error instanceof TooLate && !wasDeferred) this.#deferred.push(action);
      const event = error instanceof Skipped ? 'skipped' : 'failed';
      this.#trace.add(event, { action, detail: messageOf(error) });
    }
  }

  /** One thing at a time with each process; and nothing with any while a disk is lost, for the others must hold its data. */
  async #inTurn(action: Action): Promise<string | undefined> {
    const phase = this.#phase.signal;
    if (action.kind === 'disk') {
      const before = [...this.#busy.values(), this.#disk];
      const turn = Promise.allSettled(before).then(() => this.#do(action, phase));
      this.#disk = turn.then(ignore, ignore);
      return turn;
    }
    if (!touchesProcess(action)) return this.#do(action, phase);
    const before = [this.#busy.get(action.node) ?? Promise.resolve(), this.#disk];
    const turn = Promise.allSettled(before).then(() => this.#do(action, phase));
    this.#busy.set(action.node, turn.then(ignore, ignore));
    return turn;
  }

  async #do(action: Action, phase: AbortSignal): Promise<string | undefined> {
    // A turn that comes when the phase is over would disturb what is being healed.
    if (phase.aborted) throw new TooLate('its phase was over before its turn came');
    this.#trace.add('begins', { action });
    const stage = this.#stage;
    switch (action.kind) {
      case 'slow':
        return silently(slowLink(stage, action, phase));
      case 'kill':
        return silently(killNode(stage, action.node, action.downMs, phase));
      case 'pause':
        return silently(pauseNode(stage, action.node, action.forMs, phase));
      case 'partition':
        return silently(partition(stage, action.groups, action.forMs, phase));
      case 'ring':
        return silently(ring(stage, action.forMs, phase));
      case 'mute':
        return silently(mute(stage, action, phase));
      case 'packet':
        return silently(disturbPackets(stage, action, phase));
      case 'disk':
        return loseDisk(stage, action.node, action.damage);
      case 'clock':
        return this.#stepClock(action.node, action.skewMs, phase);
      case 'add':
        await stage.cluster.add(action.node);
        stage.tally.added += 1;
        return undefined;
      case 'remove':
        return silently(this.#remove(action.node));
      case 'heal':
        return undefined;
    }
  }

  async #stepClock(node: string, skewMs: number, phase: AbortSignal): Promise<string> {
    const { cluster, tally } = this.#stage;
    if (!cluster.has(node)) throw new Skipped(`${node} has left`);
    cluster.setSkew(node, skewMs);
    const isSet = (): boolean => cluster.hasSkew(node, skewMs);
    await awaited(() => isSet() || phase.aborted, clockMsMax);
    if (!isSet()) throw new TooLate(`its clock was not seen to be wrong by ${skewMs} ms`);
    tally.clockSteps += 1;
    return `its clock is wrong by ${skewMs} ms`;
  }

  async #remove(node: string): Promise<void> {
    const { cluster, tally } = this.#stage;
    if (!cluster.has(node)) throw new Skipped(`${node} has left`);
    if (cluster.nodeNames().length <= membersMin) throw new Skipped(`${membersMin} nodes are the least`);
    await cluster.remove(node);
    tally.removed += 1;
  }

  /** Ends what acts, then awaits what was begun: a node may only come to serve when it reaches the others again. */
  async #heal(): Promise<void> {
    this.#phase.abort();
    this.#trace.add('phase', { detail: 'heals' });
    await this.#clearFaults();
    await Promise.all(this.#underWay);
    await Promise.all(this.#stage.cluster.nodeNames().map((node) => this.#revive(node)));
    await this.#clearFaults();
    this.#trace.add('phase', { detail: 'is healed' });
    this.#phase = new AbortController();
  }

  async #revive(node: string): Promise<void> {
    const { cluster } = this.#stage;
    try {
      const state = cluster.stateOf(node);
      if (state === 'paused') cluster.resume(node);
      if (state === 'killed' || state === 'failed') await cluster.restart(node);
    } catch (error) {
      this.#trace.add('failed', { detail: `${node}: ${messageOf(error)}` });
    }
    if (await awaited(() => ['running', 'gone'].includes(cluster.stateOf(node)), serveMsMax)) return;
    this.#trace.add('failed', { detail: `${node} is ${cluster.stateOf(node)} and does not come back` });
  }

  /** A node may crash or start just as it is told; what it is told then it gets at its start. */
  async #clearFaults(): Promise<void> {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      try {
        await this.#stage.cluster.clearFaults({});
        return;
      } catch (error) {
        this.#trace.add('failed', { detail: `to clear faults: ${messageOf(error)}` });
        await sleep(retryMs);
      }
    }
  }
}

function touchesProcess(action: Action): action is Extract<Action, { node: string }> {
  return ['kill', 'pause', 'add', 'remove'].includes(action.kind);
}

async function silently(done: Promise<void>): Promise<undefined> {
  await done;
  return undefined;
}

function ignore(): void {
  // Whoever waits for its turn does not mind how the one before ended; that is in the trace.
}
