import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryAccess, HistoryLine } from '../check/historyLine.js';
import type { BatchWrite } from '../client/nodeClient.js';
import { asKvcError, hasCode, type KvcError } from '../errors.js';
import { readAccess, readFields } from './answeredLines.js';
import type { Chance } from './chance.js';
import type { AskedNode, ClientNodes, ReadEntry, Seen } from './clientNodes.js';
import { isDefinite } from './outcome.js';
import type { Recorder } from './recorder.js';
import { deadlines, sendAgain, sendTwins, sendWrite, type WriteOrder } from './sentWrite.js';
import { drawStep, type Step, type WorkloadName } from './workload.js';

export interface TortureClientOptions {
  readonly name: string;
  readonly chance: Chance;
  readonly nodes: ClientNodes;
  readonly recorder: Recorder;
  readonly workload: WorkloadName;
  /** The least time from one step to the next. */
  readonly paceMs: number;
}

/**
 * Of the sessions, those that go from node to node, and of their steps, those before which they do. The others stay where
 * they are while they can: who has seen nothing elsewhere waits for nothing, so only causal delivery protects it.
 */
const roamingShare = 0.5;
const moveShare = 0.4;
/** Of the acknowledged writes with a request id, those that are sent once more. */
const againShare = 0.3;
/** Keys that only one session writes to at a time. */
const ownKeysMax = 3;
/** A session that goes on for ever has seen everything, and depends on it. */
const sessionStepsMax = 300;
/** A node that is down refuses at once; its clients need not spin. */
const afterFailureMs = 15;

/** A client with one session at a time, which goes from node to node; one operation after the other. */
export class TortureClient {
  readonly #options: TortureClientOptions;
  #session = { name: '', token: 'new', roams: true };
  #stepsLeft = 0;
  #node = '';
  #writes = 0;
  /** The first of the own keys that the session writes to now. */
  #ownKeysFrom = 0;

  constructor(options: TortureClientOptions) {
    this.#options = options;
  }

  /** Works until it is told to stop; then ends with its step. */
  async run(signal: AbortSignal): Promise<void> {
    const { chance, recorder, workload, paceMs } = this.#options;
    while (!signal.aborted && !recorder.isFull) {
      const beganMs = performance.now();
      if (this.#stepsLeft === 0) this.#beginSession();
      this.#stepsLeft -= 1;
      if (this.#session.roams && chance.happens(moveShare)) this.#move();
      await this.#do(drawStep(chance, workload, recorder.recent.newest()));
      await sleep(Math.max(1, paceMs - (performance.now() - beganMs)));
    }
  }

  #beginSession(): void {
    const { name, recorder, chance } = this.#options;
    this.#options.nodes.beginSession();
    recorder.tally.sessions += 1;
    this.#stepsLeft = sessionStepsMax;
    this.#ownKeysFrom = 0;
    const number = Number(this.#session.name.split('.')[1] ?? 0) + 1;
    this.#session = { name: `${name}.${number}`, token: 'new', roams: chance.happens(roamingShare) };
    this.#node = chance.pick(this.#options.nodes.nodeNames());
  }

  #move(): void {
    this.#options.recorder.tally.moves += 1;
    this.#node = this.#options.chance.pick(this.#options.nodes.nodeNames());
  }

  /** The node may have left the cluster since it was chosen. */
  #client(): AskedNode {
    const { nodes } = this.#options;
    if (!nodes.nodeNames().includes(this.#node)) this.#move();
    return nodes.client(this.#node);
  }

  async #do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'read':
        for (const key of step.keys) await this.#read(key);
        return;
      case 'write':
        for (const [index, key] of step.keys.entries()) {
          if (index > 0 && step.moves && this.#session.roams) this.#move();
          await this.#write([{ key, value: this.#newValue() }]);
        }
        return;
      case 'delete':
        return this.#write([{ key: step.key, delete: true }]);
      case 'batch': {
        const last = step.keys.length - 1;
        const writes = step.keys.map((key, index): BatchWrite =>
          step.deletes && index === last ? { key, delete: true } : { key, value: this.#newValue() },
        );
        return this.#write(writes);
      }
      case 'snapshot':
        return this.#snapshot(step.keys);
      case 'own':
        return this.#writeOwn(step.isTwin);
    }
  }

  async #read(key: string): Promise<void> {
    await this.#ask('read', { key }, async (node, options) => {
      const answer = await node.read(key, options);
      return { answer, fields: readFields(answer) };
    });
  }

  async #snapshot(keys: readonly string[]): Promise<void> {
    const ops = keys.map((key): HistoryAccess => ({ type: 'read', key }));
    await this.#ask('txn', { ops }, async (node, options) => {
      const answer = await node.readMany(keys, options);
      return { answer, fields: { ops: answer.entries.map(readAccess) } };
    });
  }

  /** A read that fails has seen nothing, and certainly changed nothing. */
  async #ask(
    type: 'read' | 'txn',
    asked: Partial<HistoryLine>,
    request: (
      node: AskedNode,
      options: { readonly session: string; readonly timeoutMs: number; readonly requestTimeoutMs: number },
    ) => Promise<{
      answer: Seen;
      fields: Partial<HistoryLine>;
    }>,
  ): Promise<void> {
    const { recorder } = this.#options;
    const node = this.#client();
    const line = { session: this.#session.name, type, start: recorder.now(), replica: node.name };
    try {
      const { answer, fields } = await request(node, { ...deadlines, session: this.#session.token });
      recorder.answered(answer.clock);
      this.#session.token = answer.session;
      recorder.add({ ...line, ...fields, end: recorder.now(), status: 'ok' });
    } catch (thrown) {
      const error = asKvcError(thrown);
      recorder.failed(error);
      recorder.add({ ...line, ...asked, end: recorder.now(), status: 'fail' });
      await this.#recover(error);
    }
  }

  async #write(writes: readonly BatchWrite[]): Promise<void> {
    const order = { writes, session: this.#session.token, requestId: undefined };
    await this.#record(order, () => sendWrite(order, () => this.#client(), this.#options.recorder));
  }

  /**
   * A write that two nodes take before they hear of each other has two places in the order of the writes beside it, until
   * they have met. Beside those of its own session there are none, so only there can be said what a write is that was sent
   * more than once: one, which does not come back when it was overwritten.
   */
  async #writeOwn(isTwin: boolean): Promise<void> {
    const { recorder, chance } = this.#options;
    const key = `own/${this.#session.name}/${this.#ownKeysFrom + chance.between(0, ownKeysMax - 1)}`;
    const writes = [{ key, value: this.#newValue() }];
    if (!this.#options.nodes.takesRequestIds) return this.#write(writes);
    const order = { writes, session: this.#session.token, requestId: this.#newRequestId() };
    const wid = await this.#record(order, () =>
      isTwin
        ? sendTwins(order, [this.#client(), this.#anyNode()], recorder)
        : sendWrite(order, () => this.#nextClient(), recorder),
    );
    // It may have happened, unseen by the session: the next write to the key would not follow it.
    if (wid === undefined) this.#ownKeysFrom += ownKeysMax;
    else if (chance.happens(againShare)) {
      await sendAgain({ ...order, session: this.#session.token }, this.#anyNode(), wid, recorder);
    }
  }

  /** @returns the name of the write if it was acknowledged */
  async #record(order: WriteOrder, send: () => ReturnType<typeof sendWrite>): Promise<string | undefined> {
    const { recorder } = this.#options;
    const start = recorder.now();
    const outcome = await send();
    const fields = writtenFields(order.writes, outcome.status === 'ok' ? outcome.absent : []);
    const line = { session: this.#session.name, ...fields, start, end: recorder.now() };
    if (outcome.status === 'ok') {
      const { wid, session, replica } = outcome;
      this.#session.token = session;
      const name = wid === undefined || fields.type === 'read' ? {} : { wid };
      recorder.add({ ...line, ...name, status: 'ok', replica });
      return wid;
    }
    recorder.add({ ...line, status: outcome.status });
    await this.#recover(outcome.error);
    return undefined;
  }

  /** Goes elsewhere. A session whose past is lost cannot go on anywhere. */
  async #recover(error: KvcError): Promise<void> {
    if (hasCode(error, 'KVC_E_DEPS_LOST')) {
      this.#options.recorder.tally.sessionsLost += 1;
      this.#stepsLeft = 0;
    }
    if (!isDefinite(error) || error.kind.retryable) this.#move();
    await sleep(afterFailureMs);
  }

  /** For one attempt after the other. */
  #nextClient(): AskedNode {
    const client = this.#client();
    this.#move();
    return client;
  }

  #anyNode(): AskedNode {
    const { nodes, chance } = this.#options;
    return nodes.client(chance.pick(nodes.nodeNames()));
  }

  #newRequestId(): string {
    return `${Date.now()}-${this.#options.name}-${this.#writes}`;
  }

  /** Never written before, by anybody. */
  #newValue(): string {
    this.#writes += 1;
    return `${this.#options.name}-${this.#writes}`;
  }
}

/** @param absent - what was to be deleted and was only looked at, for there was nothing */
function writtenFields(
  writes: readonly BatchWrite[],
  absent: readonly ReadEntry[],
): Pick<HistoryLine, 'type' | 'key' | 'value' | 'values' | 'wid' | 'wids' | 'ops'> {
  const ops = writes.map((write): HistoryAccess => {
    const { key } = write;
    if (!('delete' in write)) return { type: 'write', key, value: String(write.value) };
    const seen = absent.find((each) => each.key === key);
    return seen === undefined ? { type: 'delete', key } : readAccess(seen);
  });
  const [only] = ops;
  return ops.length === 1 && only !== undefined ? only : { type: 'txn', ops };
}
