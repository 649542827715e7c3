import { containsDot, emptyVector, withDot, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { Dot } from '../../src/core/clock/dot.js';
import type { Operation } from '../../src/core/update.js';
import { put, remove } from './builders.js';
import type { ClientWrite, Outcome, VirtualCluster } from './virtualCluster.js';
import type { VirtualNode } from './virtualNode.js';

/** A client that moves between replicas with its token. It does one thing at a time, but for sending it again. */
interface Session {
  context: VersionVector;
  busyUntilMs: number;
}

const keys = ['x', 'y', 'z'];

/** Clients of a cluster, with and without sessions, patient and impatient. */
export class VirtualClients {
  readonly #cluster: VirtualCluster;
  readonly #sessions: Session[];
  /** Writes of which their client was told that at least two replicas have them. */
  readonly #copied: Dot[] = [];
  #requestIds = 0;

  constructor(cluster: VirtualCluster, sessions: number) {
    this.#cluster = cluster;
    this.#sessions = Array.from({ length: sessions }, () => ({ context: emptyVector, busyUntilMs: 0 }));
  }

  writeAlone(node: VirtualNode): void {
    this.#write(node, this.#someWrite(undefined, this.#cluster.timeline.nowMs + 5000), () => undefined);
  }

  writeInSession(node: VirtualNode): void {
    this.#inSession((session, deadlineMs) => {
      this.#write(node, this.#someWrite(session.context, deadlineMs), (outcome) => {
        this.#end(session, outcome);
        if (outcome.kind === 'written') session.context = withDot(session.context, outcome.dot);
      });
    });
  }

  readInSession(node: VirtualNode): void {
    this.#inSession((session, deadlineMs) => {
      const { context } = session;
      this.#cluster.await(node, context, deadlineMs, (outcome) => {
        this.#end(session, outcome);
        if (outcome.kind !== 'ready') return;
        this.#cluster.oracle.checkSession(node.view, context);
        const versions = node.keys.get(this.#cluster.random.pick(keys)) ?? [];
        for (const { dot } of versions) session.context = withDot(session.context, dot);
      });
    });
  }

  /** All replicas show exactly this: sessions that have seen nothing else are served, and the others are told. */
  checkEnd(shown: VersionVector): void {
    const { happened, staying, random, timeline, oracle } = this.#cluster;
    happened.survivedByCopies += this.#copied.filter(
      (dot) => containsDot(shown, dot) && this.#isOriginLost(dot),
    ).length;
    for (const { context } of this.#sessions) {
      const isLost = [...context].some(([replica, counter]) => !containsDot(shown, { replica, counter }));
      let outcome: Outcome | undefined;
      this.#cluster.await(random.pick(staying), context, timeline.nowMs + 1000, (told) => (outcome = told));
      const answer = outcome?.kind === 'failed' ? outcome.error.code : outcome?.kind;
      // Of a replica that was lost before anybody else had heard of it nothing is known: there the request waits in vain.
      const isUnknown = [...context.keys()].some(
        (replica) => staying[0]?.replica.membership.get(replica) === undefined,
      );
      if (answer === (isLost ? 'KVC_E_DEPS_LOST' : 'ready') || (isUnknown && answer === undefined)) continue;
      oracle.violations.push(
        `a session is answered ${answer ?? 'nothing'} although its context is ${isLost ? 'lost' : 'there'}`,
      );
    }
  }

  #isOriginLost({ replica }: Dot): boolean {
    return this.#cluster.nodes.every(({ disk }) => disk?.self !== replica);
  }

  #inSession(run: (session: Session, deadlineMs: number) => void): void {
    const { timeline, random } = this.#cluster;
    const session = random.pick(this.#sessions);
    // A crash may leave a request unanswered.
    if (session.busyUntilMs > timeline.nowMs) return;
    const deadlineMs = timeline.nowMs + random.between(10, 1000);
    session.busyUntilMs = deadlineMs + 200;
    run(session, deadlineMs);
  }

  #end(session: Session, outcome: Outcome): void {
    session.busyUntilMs = 0;
    if (outcome.kind === 'failed' && outcome.error.code === 'KVC_E_DEPS_LOST') session.context = emptyVector;
  }

  #someWrite(context: VersionVector | undefined, deadlineMs: number): ClientWrite {
    const { random, staying } = this.#cluster;
    const replicas = random.chance(0.2) ? random.between(1, Math.min(3, staying.length)) : 1;
    const requestId = random.chance(0.5) ? this.#newRequestId() : undefined;
    const operations = this.#someOperations();
    return { operations, context, deadlineMs, replicas, ...(requestId === undefined ? {} : { requestId }) };
  }

  /** Sends a write, and perhaps sends it again, whether or not it was answered; the first answer counts. */
  #write(node: VirtualNode, write: ClientWrite, onOutcome: (outcome: Outcome) => void): void {
    const { random, timeline } = this.#cluster;
    let isAnswered = false;
    const first = (outcome: Outcome): void => {
      if (!isAnswered) onOutcome(outcome);
      isAnswered = true;
    };
    this.#send(node, write, first);
    if (write.requestId === undefined) return;
    for (let retries = random.between(0, 2); retries > 0; retries -= 1) {
      const afterMs = random.chance(0.1) ? 6000 : random.between(0, 800);
      timeline.after(afterMs, () => this.#retry(write, afterMs, first));
    }
  }

  #retry(write: ClientWrite, afterMs: number, onOutcome: (outcome: Outcome) => void): void {
    const { random, nodes, happened } = this.#cluster;
    const node = random.pick(nodes);
    if (!node.isUp) return;
    happened.retries += 1;
    const again = { ...write, operations: [...write.operations], deadlineMs: write.deadlineMs + afterMs };
    this.#send(node, again, (outcome) => {
      if (outcome.kind === 'written' && outcome.dot.replica !== node.self) happened.retriesKnown += 1;
      onOutcome(outcome);
    });
  }

  #send(node: VirtualNode, write: ClientWrite, onOutcome: (outcome: Outcome) => void): void {
    const { oracle, survival, nodes, happened } = this.#cluster;
    this.#cluster.write(node, write, (outcome) => {
      if (outcome.kind === 'written') oracle.acknowledged(outcome.dot);
      if (outcome.kind === 'written' && (write.replicas ?? 1) > 1) {
        const disks = nodes.flatMap(({ disk }) => disk ?? []);
        survival.checkCopies(outcome.dot, write.replicas ?? 1, disks);
        happened.copiesMade += 1;
        this.#copied.push(outcome.dot);
      }
      onOutcome(outcome);
    });
  }

  #someOperations(): Operation[] {
    const { random } = this.#cluster;
    return Array.from({ length: random.between(1, 3) }, () =>
      random.chance(0.3)
        ? remove(random.pick(keys))
        : put(random.pick(keys), String(Math.floor(random.next() * 1_000_000))),
    );
  }

  #newRequestId(): string {
    this.#requestIds += 1;
    return `${this.#cluster.timeline.nowMs}-${this.#requestIds}.0`;
  }
}
