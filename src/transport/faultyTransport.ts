import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { DotJson } from '../protocol/api.js';
import type { FaultInputJson, FaultRuleJson, FaultsResponseJson } from '../protocol/faultsApi.js';
import type { FaultFilter } from '../protocol/faultJson.js';
import { limits } from '../protocol/limits.js';
import type { JoinRequest } from '../protocol/joinJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';
import { closedError } from './closedError.js';
import { FaultRules } from './faultRules.js';
import { FaultyLink } from './faultyLink.js';
import type { Transport } from './transport.js';

export interface FaultyTransportOptions {
  /** The node whose outgoing links these are. */
  readonly source: NodeName;
  /** Uniform in [0, 1): for the seeds of rules that come without one. */
  readonly random: () => number;
  /** ms since 1970. */
  readonly now: () => number;
  /** Gets all rules after every change of them, those that end by themselves included. */
  readonly onChange?: (rules: readonly FaultRuleJson[]) => void;
  /** Rules in force from the start. */
  readonly initial?: readonly FaultRuleJson[];
}

/** The longest time that a Node.js timer takes; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;

/**
 * A transport whose links can be made to misbehave. Faults act on messages on their way out; answers come back
 * undisturbed. What waits here is limited by the senders' windows, and by nothing else.
 */
export class FaultyTransport implements Transport {
  readonly #inner: Transport;
  readonly #options: FaultyTransportOptions;
  readonly #rules: FaultRules;
  readonly #links = new Map<NodeName, FaultyLink>();
  #expiry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(inner: Transport, options: FaultyTransportOptions) {
    this.#inner = inner;
    this.#options = options;
    const drawSeed = () => Math.floor(options.random() * (limits.faultSeedMax + 1));
    this.#rules = new FaultRules(options.source, drawSeed, options.initial);
    if (this.#rules.expire(options.now())) this.#changed();
    else this.#putInForce();
  }

  async send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    this.#requireOpen();
    return this.#linkTo(peer).send(message);
  }

  async fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk> {
    this.#requireOpen();
    return this.#linkTo(peer).pass(() => this.#inner.fetchSnapshot(peer, request));
  }

  async join(peer: NodeName, request: JoinRequest): Promise<void> {
    this.#requireOpen();
    return this.#linkTo(peer).pass(() => this.#inner.join(peer, request));
  }

  /**
   * Adds rules; one of the same kind on the same link is replaced, for the messages to come.
   * @throws KvcError KVC_E_STATE_CONFLICT if there would be too many
   */
  add(inputs: readonly FaultInputJson[]): void {
    this.#requireOpen();
    this.#rules.add(inputs);
    this.#rules.expire(this.#options.now());
    this.#changed();
  }

  /** Removes the rules that match; what waited because of them leaves at once, in order. */
  remove(filter: FaultFilter): void {
    this.#requireOpen();
    if (this.#rules.remove(filter)) this.#changed();
  }

  /**
   * Lets the first `count` updates that a held link holds back through, one message each.
   * @returns their dots
   * @throws KvcError KVC_E_STATE_CONFLICT if the link is not held
   */
  step(target: string, count: number): DotJson[] {
    this.#requireOpen();
    const link = this.#links.get(target as NodeName);
    if (link?.isHeld === true) return link.step(count);
    const { source } = this.#options;
    throw new KvcError(
      'KVC_E_STATE_CONFLICT',
      `the link ${source}:${target} is not held, so there is nothing to step; hold it first`,
      { source, target, try: [`kvc hold ${source}:${target}`] },
    );
  }

  /** The rules, and the links that have one or have had a message. */
  describe(): FaultsResponseJson {
    const links = [...this.#links.values()].map((link) => link.describe());
    const { source } = this.#options;
    return { node: source, faults: this.#rules.list(), links: links.filter((link) => link !== undefined) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#expiry);
    for (const link of this.#links.values()) link.reject(closedError());
    await this.#inner.close();
  }

  #linkTo(target: NodeName): FaultyLink {
    const known = this.#links.get(target);
    if (known !== undefined) return known;
    const { source, now } = this.#options;
    const link = new FaultyLink({ source, target }, (message) => this.#inner.send(target, message), now);
    this.#links.set(target, link);
    return link;
  }

  #changed(): void {
    this.#putInForce();
    this.#options.onChange?.(this.#rules.list());
  }

  #putInForce(): void {
    for (const { target } of this.#rules.list()) this.#linkTo(target as NodeName);
    for (const [target, link] of this.#links) link.apply(this.#rules.rulesFor(target));
    this.#watchExpiry();
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    const waitMs = this.#rules.nextExpiryMs - this.#options.now();
    if (waitMs === Infinity) return;
    this.#expiry = setTimeout(() => this.#expire(), Math.min(Math.max(waitMs, 0), timerMsMax)).unref();
  }

  #expire(): void {
    if (this.#rules.expire(this.#options.now())) this.#changed();
    else this.#watchExpiry();
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError();
  }
}
