import { counterOf, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { DeliveryMode } from '../../src/core/delivery.js';
import { nodeOf, type NodeName, type ReplicaId } from '../../src/core/ids.js';
import type { LinkAnswer } from '../../src/core/link.js';
import type { ReplicaLimits } from '../../src/core/replicaLimits.js';
import type { Effect, Input, RequestNumber } from '../../src/core/step.js';
import type { Operation, RequestId, Update } from '../../src/core/update.js';
import { endOfMessage } from '../../src/core/refusals.js';
import { KvcError, type ErrorCode } from '../../src/errors.js';
import { id, nodeName } from './builders.js';
import { CausalOracle } from './causalOracle.js';
import { nothingHappened, type Happenings } from './happenings.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { Survival, type Holder } from './survival.js';
import { Timeline } from './timeline.js';
import { VirtualNetwork, type NetworkFaults } from './virtualNetwork.js';
import { VirtualNode, type NodeSettings } from './virtualNode.js';
import { VirtualOperator } from './virtualOperator.js';

export interface ClusterOptions extends NetworkFaults {
  readonly seed: number;
  readonly nodes: number;
  readonly delivery: DeliveryMode;
  readonly limits: Partial<ReplicaLimits>;
}

export type Outcome = Extract<Effect, { kind: 'written' | 'ready' | 'failed' }>;

export interface ClientWrite {
  readonly operations: readonly Operation[];
  readonly context: VersionVector | undefined;
  readonly deadlineMs: number;
  readonly requestId?: RequestId;
  readonly replicas?: number;
}

/** An input that is answered by an outcome, without the number that the cluster gives it. */
type Request<I extends Input = Input> = I extends { readonly request: RequestNumber }
  ? Omit<I, 'request'>
  : never;

const answerTimeoutMs = 300;
const diskMsMax = 20;

/** Request ids begin with a time of 13 digits, which a run that begins with 1970 would not have. */
const startMs = 1_700_000_000_000;

/** Replicas, their disks and the network between them, in virtual time, all decided by one seed. */
export class VirtualCluster {
  readonly oracle = new CausalOracle();
  readonly survival = new Survival(this.oracle);
  readonly timeline = new Timeline(startMs);
  readonly random: SeededRandom;
  readonly happened: Happenings = nothingHappened();
  readonly network: VirtualNetwork;
  readonly operator: VirtualOperator;
  /** All there ever were. */
  readonly nodes: VirtualNode[] = [];
  readonly #settings: NodeSettings;
  readonly #requests = new Map<RequestNumber, (outcome: Outcome) => void>();
  readonly #answers = new Map<number, (answer: LinkAnswer | KvcError) => void>();
  readonly #wakeups = new Map<NodeName, number>();
  /** Nodes that fetch a peer's state. */
  readonly #fetching = new Set<VirtualNode>();
  #lastNumber = 0;

  constructor(options: ClusterOptions) {
    this.random = new SeededRandom(options.seed);
    this.network = new VirtualNetwork(options, this.random, this.timeline, this.happened);
    const founders = Array.from({ length: options.nodes }, (_, index) => id(`node${index + 1}`));
    const { oracle, random, happened } = this;
    const { delivery, limits } = options;
    this.#settings = { founders, delivery, limits, random, oracle, happened };
    this.operator = new VirtualOperator(this);
    while (this.nodes.length < founders.length) this.start(this.addNode());
  }

  /** One that has nothing yet, if it is no founder. */
  addNode(): VirtualNode {
    const node = new VirtualNode(nodeName(`node${this.nodes.length + 1}`), this.#settings);
    this.nodes.push(node);
    return node;
  }

  /** The nodes that belong to the cluster, or will as soon as they have joined. */
  get staying(): VirtualNode[] {
    return this.nodes.filter(({ fate }) => fate === 'stays');
  }

  /** What is on all the disks that count, but for one. */
  holders(except?: VirtualNode): Holder[] {
    return this.nodes
      .filter((node) => node !== except && (node.fate === 'stays' || node.fate === 'leaves'))
      .flatMap(({ disk }) => disk ?? []);
  }

  start(node: VirtualNode): void {
    node.start();
    this.give(node, { kind: 'tick' });
  }

  crash(node: VirtualNode, restartAfterMs: number): void {
    this.happened.crashes += 1;
    node.crash();
    this.timeline.after(restartAfterMs, () => {
      if (!node.isUp && node.disk !== undefined) this.start(node);
    });
  }

  /** @param onOutcome - not called if the node crashes first: then it is unknown whether the write happened */
  write(node: VirtualNode, write: ClientWrite, onOutcome: (outcome: Outcome) => void): void {
    const request = this.#open(onOutcome);
    this.#carryOut(node, node.write({ kind: 'write', request, ...write }, this.timeline.nowMs));
  }

  /** Waits for a context, as a read does. */
  await(
    node: VirtualNode,
    context: VersionVector,
    deadlineMs: number,
    onOutcome: (outcome: Outcome) => void,
  ): void {
    const request = this.#open(onOutcome);
    this.give(node, { kind: 'await', request, context, deadlineMs });
    if (this.#requests.has(request)) this.happened.contextsWaited += 1;
  }

  ask(node: VirtualNode, request: Request, onOutcome: (outcome: Outcome) => void): void {
    this.give(node, { ...request, request: this.#open(onOutcome) });
  }

  /** What a node has under way; a crash forgets it. */
  later(node: VirtualNode, delayMs: number, run: () => void): void {
    const { life } = node;
    this.timeline.after(delayMs, () => {
      if (node.isUp && node.life === life) run();
    });
  }

  give(node: VirtualNode, input: Input): void {
    this.#carryOut(node, node.step(input, this.timeline.nowMs));
  }

  #open(onOutcome: (outcome: Outcome) => void): RequestNumber {
    this.#lastNumber += 1;
    this.#requests.set(this.#lastNumber, onOutcome);
    return this.#lastNumber;
  }

  #carryOut(node: VirtualNode, effects: readonly Effect[]): void {
    if (node.replica.pending.size > 0) this.happened.pendings += 1;
    const { life } = node;
    for (const effect of effects) {
      // What one effect leads to may end the node.
      if (node.isUp && node.life === life) this.#effect(node, effect);
    }
    if (node.isUp && node.life === life) this.#scheduleWake(node);
  }

  #effect(node: VirtualNode, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.later(node, this.random.between(0, diskMsMax), () =>
          this.give(node, { kind: 'persisted', sequence: effect.sequence }),
        );
      case 'ship':
        return this.#send(node, effect);
      case 'answer':
        if (effect.answer.refused > 0) this.happened.refusals += 1;
        return this.#reply(effect.message, effect.answer);
      case 'refuse':
        return this.#reply(effect.message, effect.error);
      case 'behind':
        return this.#fetchState(node, effect.peer);
      case 'halt':
        return this.operator.halted(node, effect.error);
      case 'written':
      case 'ready':
      case 'failed':
        return this.#settle(effect);
    }
  }

  #settle(outcome: Outcome): void {
    if (outcome.kind === 'failed') this.#countFailure(outcome.error.code);
    const onOutcome = this.#requests.get(outcome.request);
    this.#requests.delete(outcome.request);
    onOutcome?.(outcome);
  }

  #countFailure(code: ErrorCode): void {
    if (code === 'KVC_E_DEPS_TIMEOUT') this.happened.contextTimeouts += 1;
    if (code === 'KVC_E_DEPS_LOST') this.happened.contextsLost += 1;
    if (code === 'KVC_E_REQUEST_EXPIRED') this.happened.requestsExpired += 1;
    if (code === 'KVC_E_NOT_DURABLE') this.happened.copiesMissed += 1;
  }

  #scheduleWake(node: VirtualNode): void {
    const wakeup = (this.#wakeups.get(node.name) ?? 0) + 1;
    this.#wakeups.set(node.name, wakeup);
    const wakeAtMs = node.replica.wakeAtMs();
    if (wakeAtMs === Infinity) return;
    this.later(node, wakeAtMs - this.timeline.nowMs, () => {
      if (this.#wakeups.get(node.name) !== wakeup) return;
      this.#searchTombstones(node);
      this.give(node, { kind: 'tick' });
      if (!node.isUp || node.replica.wakeAtMs() > this.timeline.nowMs) return;
      this.oracle.violations.push(`${node.self} woke in vain`);
      // The next wake would be at this moment again, and time would stand still.
      this.#wakeups.set(node.name, wakeup + 2);
    });
  }

  #searchTombstones(node: VirtualNode): void {
    if (!node.replica.needsTombstoneSearch) return;
    node.replica.beginTombstoneSearch();
    const keys = [...node.keys.versions].filter(([, versions]) =>
      versions.some(({ value }) => value === null),
    );
    this.give(node, { kind: 'found', keys: keys.map(([key]) => key) });
  }

  #send(source: VirtualNode, shipment: Extract<Effect, { kind: 'ship' }>): void {
    const { peer, origin, first, last, offersSnapshot } = shipment;
    const updates = source.updates(origin, first, last);
    const { unreached, shownDurable } = source.replica;
    const about = { from: source.self, clock: shownDurable, unreached, offersSnapshot };
    const sent = (this.happened.messages += 1);
    if (origin !== source.self) this.#countRelayed(source, origin, updates.length);
    const { life, name } = source;
    let reported = false;
    const report = (answer: LinkAnswer | KvcError | undefined): void => {
      // A process that has restarted gets no answers to what it asked before.
      if (reported || !source.isUp || source.life !== life) return;
      reported = true;
      this.#give(source, peer, answer);
    };
    const arrive = (): void => {
      const target = this.nodes.find((node) => node.name === nodeOf(peer));
      if (target?.isUp !== true) return;
      this.network.noteOrder(name, target.name, sent);
      const message = (this.#lastNumber += 1);
      this.#answers.set(message, (answer) =>
        this.network.send(target.name, name, 'answer', () => report(answer)),
      );
      this.give(target, { kind: 'receive', message, ...about, updates: updates.map(copyOf) });
    };
    this.network.send(name, nodeOf(peer), 'request', arrive);
    this.later(source, answerTimeoutMs, () => report(undefined));
  }

  /** What came of a message to a peer. */
  #give(node: VirtualNode, peer: ReplicaId, answer: LinkAnswer | KvcError | undefined): void {
    if (answer !== undefined && !(answer instanceof KvcError)) {
      return this.give(node, { kind: 'answered', peer, answer });
    }
    if (answer !== undefined && answer.code !== 'KVC_E_REMOVED' && answer.code !== 'KVC_E_NODE_UNKNOWN')
      this.oracle.violations.push(`${peer} refused a message of ${node.self}: ${answer.message}`);
    const kind = endOfMessage(answer, node.self, peer);
    if (kind === 'unknown') this.happened.unknown += 1;
    this.give(node, { kind, peer });
  }

  #reply(message: number, answer: LinkAnswer | KvcError): void {
    this.#answers.get(message)?.(answer);
    this.#answers.delete(message);
  }

  #countRelayed({ replica }: VirtualNode, origin: ReplicaId, updates: number): void {
    this.happened.relayed += updates;
    if (replica.membership.hasLeft(origin)) this.happened.relayedOfLeft += updates;
  }

  /**
   * The state of the peer that offers it, or of another one that has more of that one's updates, where it cannot be asked.
   */
  #fetchState(node: VirtualNode, peer: ReplicaId): void {
    const has = ({ replica }: VirtualNode): number => counterOf(replica.clock, peer);
    const reached = this.nodes.filter(({ name, isUp }) => isUp && this.network.canAsk(node.name, name));
    const source = reached.find(({ self }) => self === peer) ?? reached.find((each) => has(each) > has(node));
    if (this.#fetching.has(node) || source === undefined) return;
    this.#fetching.add(node);
    const [snapshot, from] = [source.snapshot(), source.self];
    const { life } = node;
    const load = (): void => {
      const isWanted =
        node.isUp && node.life === life && node.replica.refusalOfState(from, snapshot.facts) === undefined;
      if (isWanted && !node.load(snapshot)) {
        this.timeline.after(diskMsMax, load);
        return;
      }
      this.#fetching.delete(node);
      if (isWanted) this.give(node, { kind: 'tick' });
    };
    this.timeline.after(this.random.between(10, 200), load);
  }
}

/** Nothing is shared between replicas, as over a wire. */
function copyOf(update: Update): Update {
  return {
    ...update,
    dot: { ...update.dot },
    dependencies: new Map(update.dependencies),
    operations: update.operations.map((operation) => ({ ...operation })),
  };
}
