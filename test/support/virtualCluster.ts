import type { DeliveryMode } from '../../src/core/delivery.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { LinkAnswer } from '../../src/core/link.js';
import type { ReplicaLimits } from '../../src/core/replica.js';
import type { Effect, Input, RequestNumber } from '../../src/core/step.js';
import type { Operation, Update } from '../../src/core/update.js';
import type { VersionVector } from '../../src/core/clock/versionVector.js';
import { id } from './builders.js';
import { CausalOracle, type DotText } from './causalOracle.js';
import { SeededRandom } from './seededRandom.js';
import { Timeline } from './timeline.js';
import { VirtualNode } from './virtualNode.js';

export interface ClusterOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly delivery: DeliveryMode;
  /** Probability that a message, or its answer, is lost. */
  readonly loss: number;
  readonly duplication: number;
  /** The longest that a message travels; it reorders what is sent at shorter intervals. */
  readonly delayMsMax: number;
  readonly limits: Partial<ReplicaLimits>;
}

/** What the faults really did: a test that asserts their absence would otherwise prove nothing. */
export interface Happenings {
  messages: number;
  losses: number;
  duplicates: number;
  reorderings: number;
  crashes: number;
  lostInCrash: number;
  pendings: number;
  refusals: number;
  contextsWaited: number;
  contextTimeouts: number;
}

type Outcome = Extract<Effect, { kind: 'written' | 'ready' | 'failed' }>;

const answerTimeoutMs = 300;
const diskMsMax = 20;

/** Replicas, their disks and the network between them, in virtual time, all decided by one seed. */
export class VirtualCluster {
  readonly oracle = new CausalOracle();
  readonly timeline = new Timeline();
  readonly random: SeededRandom;
  readonly nodes: readonly VirtualNode[];
  readonly happened: Happenings = {
    messages: 0,
    losses: 0,
    duplicates: 0,
    reorderings: 0,
    crashes: 0,
    lostInCrash: 0,
    pendings: 0,
    refusals: 0,
    contextsWaited: 0,
    contextTimeouts: 0,
  };
  #faults: Pick<ClusterOptions, 'loss' | 'duplication' | 'delayMsMax'>;
  readonly #cut = new Set<string>();
  readonly #requests = new Map<RequestNumber, (outcome: Outcome) => void>();
  readonly #answers = new Map<number, (answer: LinkAnswer | undefined) => void>();
  readonly #latestArrival = new Map<string, number>();
  readonly #wakeups = new Map<ReplicaId, number>();
  #lastNumber = 0;

  constructor(options: ClusterOptions) {
    this.random = new SeededRandom(options.seed);
    this.#faults = options;
    const members = Array.from({ length: options.nodes }, (_, index) => id(`node${index + 1}`));
    const { oracle, random } = this;
    const { delivery, limits } = options;
    this.nodes = members.map((self) => new VirtualNode({ self, members, delivery, limits, random, oracle }));
    for (const node of this.nodes) this.#give(node, { kind: 'tick' });
  }

  /** @param onOutcome - not called if the node crashes first: then it is unknown whether the write happened */
  write(
    node: VirtualNode,
    operations: readonly Operation[],
    session: { context: VersionVector; observed: readonly DotText[] } | undefined,
    deadlineMs: number,
    onOutcome: (outcome: Outcome) => void,
  ): void {
    const request = this.#open(onOutcome);
    this.#carryOut(node, node.write(request, operations, session, deadlineMs, this.timeline.nowMs));
  }

  /** Waits for a context, as a read does. */
  await(
    node: VirtualNode,
    context: VersionVector,
    deadlineMs: number,
    onOutcome: (outcome: Outcome) => void,
  ): void {
    const request = this.#open(onOutcome);
    this.#give(node, { kind: 'await', request, context, deadlineMs });
    if (this.#requests.has(request)) this.happened.contextsWaited += 1;
  }

  crash(node: VirtualNode, restartAfterMs: number): void {
    this.happened.crashes += 1;
    this.happened.lostInCrash += node.crash();
    this.timeline.after(restartAfterMs, () => {
      node.start();
      this.#give(node, { kind: 'tick' });
    });
  }

  /** One way. */
  cut(source: VirtualNode, target: VirtualNode): void {
    this.#cut.add(`${source.id}>${target.id}`);
  }

  healAll(): void {
    this.#cut.clear();
  }

  /** From now on nothing goes wrong any more. */
  endFaults(): void {
    this.healAll();
    this.#faults = { loss: 0, duplication: 0, delayMsMax: 5 };
  }

  /** Every replica is up and shows every write there is. */
  hasConverged(): boolean {
    return this.nodes.every((node) => node.isUp && node.view.applied.size === this.oracle.writes.size);
  }

  #open(onOutcome: (outcome: Outcome) => void): RequestNumber {
    this.#lastNumber += 1;
    this.#requests.set(this.#lastNumber, onOutcome);
    return this.#lastNumber;
  }

  #give(node: VirtualNode, input: Input): void {
    this.#carryOut(node, node.step(input, this.timeline.nowMs));
  }

  #carryOut(node: VirtualNode, effects: readonly Effect[]): void {
    if (node.replica.pending.size > 0) this.happened.pendings += 1;
    for (const effect of effects) this.#effect(node, effect);
    this.#scheduleWake(node);
  }

  #effect(node: VirtualNode, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.#later(node, this.random.between(0, diskMsMax), () =>
          this.#give(node, { kind: 'persisted', sequence: effect.sequence }),
        );
      case 'ship':
        return this.#send(node, effect);
      case 'answer':
        if (effect.answer.refused > 0) this.happened.refusals += 1;
        return this.#reply(effect.message, effect.answer);
      case 'refuse':
        this.oracle.violations.push(`${node.id} refused a message: ${effect.error.message}`);
        return this.#reply(effect.message, undefined);
      case 'behind':
        return;
      case 'halt':
        this.oracle.violations.push(`${node.id} halted: ${effect.error.message}`);
        return;
      case 'written':
      case 'ready':
      case 'failed':
        return this.#settle(effect);
    }
  }

  #settle(outcome: Outcome): void {
    const timedOut = outcome.kind === 'failed' && outcome.error.code === 'KVC_E_DEPS_TIMEOUT';
    if (timedOut) this.happened.contextTimeouts += 1;
    const onOutcome = this.#requests.get(outcome.request);
    this.#requests.delete(outcome.request);
    onOutcome?.(outcome);
  }

  /** What the incarnation of now has under way; a crash forgets it. */
  #later(node: VirtualNode, delayMs: number, run: () => void): void {
    const { incarnation } = node;
    this.timeline.after(delayMs, () => {
      if (node.isUp && node.incarnation === incarnation) run();
    });
  }

  #scheduleWake(node: VirtualNode): void {
    const wakeup = (this.#wakeups.get(node.id) ?? 0) + 1;
    this.#wakeups.set(node.id, wakeup);
    const wakeAtMs = node.replica.wakeAtMs();
    if (wakeAtMs === Infinity) return;
    this.#later(node, wakeAtMs - this.timeline.nowMs, () => {
      if (this.#wakeups.get(node.id) !== wakeup) return;
      this.#give(node, { kind: 'tick' });
      if (node.replica.wakeAtMs() > this.timeline.nowMs) return;
      this.oracle.violations.push(`${node.id} woke in vain`);
      // The next wake would be at this moment again, and time would stand still.
      this.#wakeups.set(node.id, wakeup + 2);
    });
  }

  #send(source: VirtualNode, shipment: Extract<Effect, { kind: 'ship' }>): void {
    const { peer, origin, first, last, offersSnapshot } = shipment;
    const updates = source.updates(origin, first, last);
    const { unreached, shownDurable } = source.replica;
    const [from, clock] = [source.id, new Map(shownDurable)];
    const sent = (this.happened.messages += 1);
    const { incarnation } = source;
    let reported = false;
    const report = (answer: LinkAnswer | undefined): void => {
      // A process that has restarted gets no answers to what it asked before.
      if (reported || !source.isUp || source.incarnation !== incarnation) return;
      reported = true;
      this.#give(source, answer ? { kind: 'answered', peer, answer } : { kind: 'unanswered', peer });
    };
    const arrive = (): void => {
      const target = this.nodes.find((node) => node.id === peer);
      if (target?.isUp !== true) return;
      this.#noteOrder(`${source.id}>${peer}`, sent);
      const message = (this.#lastNumber += 1);
      this.#answers.set(message, (answer) => this.#travel(target.id, source.id, () => report(answer)));
      const copies = updates.map(copyOf);
      const about = { from, clock, unreached, offersSnapshot };
      this.#give(target, { kind: 'receive', message, ...about, updates: copies });
    };
    this.#travel(source.id, peer, arrive);
    this.#later(source, answerTimeoutMs, () => report(undefined));
  }

  #reply(message: number, answer: LinkAnswer | undefined): void {
    this.#answers.get(message)?.(answer);
    this.#answers.delete(message);
  }

  #travel(source: string, target: string, arrive: () => void): void {
    if (this.#cut.has(`${source}>${target}`) || this.random.chance(this.#faults.loss)) {
      this.happened.losses += 1;
      return;
    }
    this.timeline.after(this.random.between(0, this.#faults.delayMsMax), arrive);
    if (!this.random.chance(this.#faults.duplication)) return;
    this.happened.duplicates += 1;
    this.timeline.after(this.random.between(0, 4 * this.#faults.delayMsMax), arrive);
  }

  #noteOrder(link: string, sent: number): void {
    const latest = this.#latestArrival.get(link) ?? 0;
    if (sent < latest) this.happened.reorderings += 1;
    this.#latestArrival.set(link, Math.max(sent, latest));
  }
}

/** Nothing is shared between replicas, as over a wire. */
function copyOf(update: Update): Update {
  return {
    dot: { ...update.dot },
    dependencies: new Map(update.dependencies),
    timestamp: update.timestamp,
    operations: update.operations.map((operation) => ({ ...operation })),
  };
}
