import type { Dot } from '../core/clock/dot.js';
import { containsDot, emptyVector, withDot, type VersionVector } from '../core/clock/versionVector.js';
import type { Condition } from '../core/condition.js';
import type { Operation, RequestId } from '../core/update.js';
import { observedDots } from '../core/versions.js';
import type { RunningNode } from '../driver/runningNode.js';
import { asKvcError, type KvcError } from '../errors.js';
import { requestIdOf } from '../protocol/requestId.js';
import type { ClientHistory, Recorded } from './clientHistory.js';
import type { Action, Change, WriteAction } from './schedule.js';
import type { SimulatedNode } from './simulatedNode.js';
import type { Cluster } from './cluster.js';

/** A client that moves between nodes with its token. It does one thing at a time, but for sending it again. */
interface Session {
  context: VersionVector;
  /** What it waits for. */
  open: Recorded | undefined;
  busyUntilMs: number;
}

/** A write, as its client may send it again. */
interface SentWrite {
  readonly session: Session | undefined;
  readonly operations: readonly Operation[];
  readonly context: VersionVector | undefined;
  readonly requestId: RequestId | undefined;
  readonly replicas: number;
  readonly timeoutMs: number;
  readonly condition: Condition | undefined;
  readonly recorded: Recorded;
}

/** How long beyond its deadline a client waits for an answer: a crash may have taken it. */
const patienceMs = 200;

const encoder = new TextEncoder();

/** Clients of a cluster, with and without sessions, patient and impatient. */
export class Clients {
  readonly #world: Cluster;
  readonly #history: ClientHistory;
  readonly #sessions: Session[];
  /** By the position of their step. */
  readonly #writes = new Map<number, SentWrite>();
  /** Writes of which their client was told that at least two replicas have them. */
  readonly #copied: Dot[] = [];

  constructor(world: Cluster, history: ClientHistory) {
    this.#world = world;
    this.#history = history;
    this.#sessions = Array.from({ length: world.config.sessions }, () => ({
      context: emptyVector,
      open: undefined,
      busyUntilMs: 0,
    }));
  }

  /** @param position - of the step, by which retries name the write */
  write(node: SimulatedNode, position: number, action: WriteAction): void {
    const session = this.#begin(action.session, action.timeoutMs);
    if (session === 'busy') return;
    const nowMs = node.running?.driver.nowMs() ?? 0;
    const operations = action.changes.map((change) => operationOf(change, nowMs));
    const name = `${Math.floor(this.#world.timeline.nowMs)}-${position}`;
    const requestId = action.isNamed ? requestIdOf(name, operations) : undefined;
    const sent: SentWrite = {
      session,
      operations,
      context: session?.context,
      requestId,
      replicas: Math.min(action.replicas, this.#world.nodes.filter(({ fate }) => fate === 'stays').length),
      timeoutMs: action.timeoutMs,
      condition: action.isCreate === true ? { kind: 'absent' } : undefined,
      recorded: this.#history.writes(action.session, operations, requestId),
    };
    if (session !== undefined) session.open = sent.recorded;
    this.#writes.set(position, sent);
    this.#send(node, sent);
  }

  retry(node: SimulatedNode, { write }: Extract<Action, { kind: 'retry' }>): void {
    const sent = this.#writes.get(write);
    if (sent === undefined) return;
    // A client that sends it again makes the same of it once more.
    this.#send(node, { ...sent, operations: [...sent.operations] }, sent);
  }

  read(node: SimulatedNode, { session: index, keys, timeoutMs }: Extract<Action, { kind: 'read' }>): void {
    const session = this.#begin(index, timeoutMs);
    if (session === 'busy') return;
    const read: ClientRead = { session, keys, recorded: this.#history.reads(index, keys) };
    if (session !== undefined) session.open = read.recorded;
    node.enter((running, isAlive) => {
      const wait = { timeoutMs, onGone: () => undefined };
      const waits = running.driver.whenDelivered(session?.context ?? emptyVector, wait);
      const serve = (): void => {
        if (isAlive()) this.#serve(node, running, read);
      };
      if (waits === undefined) return serve();
      this.#world.happened['session waited'] += 1;
      waits.then(serve, (error: unknown) => {
        if (isAlive()) this.#notRead(read, asKvcError(error));
      });
    });
  }

  /** All nodes show exactly this: sessions that have seen nothing else are served, and the others are told. */
  checkEnd(shown: VersionVector, staying: readonly SimulatedNode[]): void {
    const { happened, random } = this.#world;
    happened['write saved by its copies'] += this.#copied.filter(
      (dot) => containsDot(shown, dot) && this.#isOriginLost(dot),
    ).length;
    for (const [index, session] of this.#sessions.entries()) {
      const node = random.fork(`last read ${index}`).pick(staying);
      node.enter((running) => void this.#checkLast(running, session.context, shown));
    }
  }

  async #checkLast(
    { driver, replica }: RunningNode,
    context: VersionVector,
    shown: VersionVector,
  ): Promise<void> {
    const isLost = [...context].some(
      ([origin, counter]) => !containsDot(shown, { replica: origin, counter }),
    );
    // Of a replica that was lost before anybody else had heard of it nothing is known: there the request waits in vain.
    const isUnknown = [...context.keys()].some((origin) => replica.membership.get(origin) === undefined);
    const wait = { timeoutMs: lastWaitMs, onGone: () => undefined };
    const answer = await Promise.resolve(driver.whenDelivered(context, wait)).then(
      () => 'served',
      (error: unknown) => asKvcError(error).code,
    );
    if (answer === (isLost ? 'KVC_E_DEPS_LOST' : 'served')) return;
    if (isUnknown && answer === 'KVC_E_DEPS_TIMEOUT') return;
    const what = isLost ? 'lost' : 'there';
    this.#world.oracle.violations.push(`a session is told ${answer} although what it has seen is ${what}`);
  }

  #isOriginLost({ replica }: Dot): boolean {
    return this.#world.nodes.every(({ judge }) => judge.disk?.self !== replica);
  }

  /** @returns undefined without a session */
  #begin(index: number | null, timeoutMs: number): Session | undefined | 'busy' {
    if (index === null) return undefined;
    const session = this.#sessions[index];
    const { nowMs } = this.#world.timeline;
    if (session === undefined || (session.open !== undefined && session.busyUntilMs > nowMs)) return 'busy';
    if (session.open !== undefined) {
      // Nobody will know what became of it.
      session.open.isGivenUp = true;
      this.#history.beginAnew(index);
    }
    session.busyUntilMs = nowMs + timeoutMs + patienceMs;
    return session;
  }

  #send(node: SimulatedNode, sent: SentWrite, first = sent): void {
    const { operations, context, requestId, replicas, timeoutMs, condition } = sent;
    if (condition !== undefined) this.#world.creations.add(operations);
    if (context !== undefined) this.#world.observed.set(operations, context);
    node.enter((running, isAlive) => {
      const isRetry = first !== sent;
      if (isRetry) this.#world.happened['retry sent'] += 1;
      const wait = { timeoutMs, onGone: () => undefined };
      running.driver.write(operations, { context, wait, requestId, replicas, condition }).then(
        (dot) => {
          if (isAlive()) this.#written(node, first, dot, isRetry);
        },
        (error: unknown) => {
          if (isAlive()) this.#notWritten(first, asKvcError(error), isRetry);
        },
      );
    });
  }

  #written(node: SimulatedNode, sent: SentWrite, dot: Dot, isRetry: boolean): void {
    const { oracle, survival, nodes, happened } = this.#world;
    oracle.acknowledged(dot);
    node.judge.leaves(new Map([[dot.replica, dot.counter]]), 'acknowledgement');
    if (isRetry && dot.replica !== node.judge.self) happened['retry recognised'] += 1;
    if (sent.replicas > 1) {
      const disks = nodes.flatMap(({ judge }) => judge.disk ?? []);
      survival.checkCopies(dot, sent.replicas, disks);
      happened['copies made'] += 1;
      this.#copied.push(dot);
    }
    if (!this.#isFirst(sent)) return;
    this.#history.wrote(sent.recorded);
    const { session } = sent;
    if (session === undefined) return;
    session.open = undefined;
    session.context = withDot(session.context, dot);
  }

  #notWritten(sent: SentWrite, error: KvcError, isRetry: boolean): void {
    this.#count(error);
    // That it did not happen this time says nothing of the other times.
    const isKnown = error.kind.definite && sent.requestId === undefined;
    if (isRetry || !this.#isFirst(sent)) return;
    this.#endFailed(sent.session, error, sent.recorded, isKnown);
  }

  /** The first answer counts, and only as long as the client waits for it. */
  #isFirst({ recorded }: SentWrite): boolean {
    return recorded.endMs === undefined && !recorded.isGivenUp;
  }

  #serve(node: SimulatedNode, running: RunningNode, { session, keys, recorded }: ClientRead): void {
    const { oracle, happened } = this.#world;
    if (recorded.isGivenUp) return;
    if (session !== undefined) oracle.checkSession(node.judge.view, session.context);
    if (keys.length > 1) happened['several keys read at once'] += 1;
    const found = keys.map((key) => running.keys.get(key));
    found.forEach((versions, index) => {
      oracle.checkKey(node.judge.view, keys[index] ?? '', versions ?? []);
    });
    this.#history.read(recorded, running.replica.self, found);
    if (session === undefined) return;
    session.open = undefined;
    for (const dot of found.flatMap((versions) => versions ?? []).flatMap(observedDots)) {
      if (!running.replica.isShed(dot.replica)) session.context = withDot(session.context, dot);
    }
  }

  #notRead({ session, recorded }: ClientRead, error: KvcError): void {
    this.#count(error);
    if (recorded.isGivenUp) return;
    // A read that failed changes nothing.
    this.#endFailed(session, error, recorded, true);
  }

  #endFailed(session: Session | undefined, error: KvcError, recorded: Recorded, isDefinite: boolean): void {
    this.#history.failed(recorded, isDefinite);
    if (session === undefined) return;
    session.open = undefined;
    const index = this.#sessions.indexOf(session);
    if (!isDefinite) this.#history.beginAnew(index);
    if (error.code !== 'KVC_E_DEPS_LOST') return;
    session.context = emptyVector;
    this.#history.beginAnew(index);
  }

  #count({ code }: KvcError): void {
    const { happened } = this.#world;
    if (code === 'KVC_E_DEPS_TIMEOUT') happened['session timed out'] += 1;
    if (code === 'KVC_E_DEPS_LOST') happened['session told of a loss'] += 1;
    if (code === 'KVC_E_REQUEST_EXPIRED') happened['request id expired'] += 1;
    if (code === 'KVC_E_CONDITION_FAILED') happened['condition failed'] += 1;
    if (code === 'KVC_E_NOT_DURABLE') happened['copies not made in time'] += 1;
  }
}

/** How long a session waits at the end, when nothing is missing any more. */
const lastWaitMs = 1000;

interface ClientRead {
  readonly session: Session | undefined;
  readonly keys: readonly string[];
  readonly recorded: Recorded;
}

function operationOf(change: Change, nowMs: number): Operation {
  const { key } = change;
  if ('amount' in change) return { kind: 'increment', key, amount: change.amount };
  if ('member' in change)
    return { kind: change.isRemoved ? 'remove' : 'add', key, member: encoder.encode(change.member) };
  if (change.value === null) return { kind: 'delete', key };
  const put = { kind: 'put', key, value: encoder.encode(change.value) } as const;
  return change.ttlMs === undefined ? put : { ...put, expiresMs: Math.floor(nowMs) + change.ttlMs };
}
