import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { DotJson } from '../protocol/api.js';
import type { FaultKind, FaultRuleJson, LinkCountsJson, LinkTrafficJson } from '../protocol/faultsApi.js';
import { encodeDot } from '../protocol/clockJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { ActiveRule } from './activeRule.js';
import type { LinkRules } from './faultRules.js';
import { HeldMessages, type Forward } from './heldMessages.js';
import { WaitingRequests, type LinkRequest } from './waitingRequests.js';

/** The rules on the link, at work. */
type ActiveRules = { readonly [Kind in FaultKind]?: ActiveRule<Extract<FaultRuleJson, { kind: Kind }>> };

/** A lost message is reported after so long, as a sender would notice by a timer that no answer comes. */
export const lossNoticedAfterMs = 100;
/** A reordered message waits 1 ms to so long. */
const reorderMsMax = 50;
const listedUpdatesMax = 16;

/**
 * One outgoing link with its faults. A message passes the stages in this order: loss (partition, drop), duplicate, hold,
 * reorder, delay, the network. What has passed a stage is not looked at again: a message that was delayed before a
 * partition came still arrives. The answer comes back undisturbed.
 */
export class FaultyLink {
  readonly #source: NodeName;
  readonly #target: NodeName;
  readonly #send: Forward;
  readonly #lost: WaitingRequests;
  readonly #held: HeldMessages;
  readonly #reordered: WaitingRequests;
  readonly #delayed: WaitingRequests;
  readonly #counts = {
    messages: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    delayed_total: 0,
    held_total: 0,
  } satisfies LinkCountsJson;
  #active: ActiveRules = {};

  /**
   * @param send - gives a message to the network
   * @param now - ms since 1970
   */
  constructor(ends: { source: NodeName; target: NodeName }, send: Forward, now: () => number) {
    this.#source = ends.source;
    this.#target = ends.target;
    this.#send = send;
    this.#lost = new WaitingRequests(now);
    this.#held = new HeldMessages((message) => this.#passReorder(this.#requestOf(message)));
    this.#reordered = new WaitingRequests(now);
    this.#delayed = new WaitingRequests(now);
  }

  get isHeld(): boolean {
    return this.#active.hold !== undefined;
  }

  /** undefined if the link has no rule and has had no message. */
  describe(): LinkTrafficJson | undefined {
    const rules = Object.values(this.#active);
    if (rules.length === 0 && this.#counts.messages === 0) return undefined;
    return {
      source: this.#source,
      target: this.#target,
      held: this.#held.size,
      delayed: this.#reordered.size + this.#delayed.size,
      updates: this.#waitingDots(),
      ...this.#counts,
      acted: Object.fromEntries(rules.map(({ rule, acted }) => [rule.kind, acted])),
    };
  }

  /** Puts other rules in force. What waits because of a rule that is gone leaves at once, in order. */
  apply(rules: LinkRules): void {
    const active = Object.values(rules).map((rule) => {
      const before = this.#active[rule.kind];
      return [rule.kind, before?.rule === rule ? before : new ActiveRule(rule)];
    });
    this.#active = Object.fromEntries(active) as ActiveRules;
    if (rules.delay === undefined) this.#delayed.release();
    if (rules.reorder === undefined) this.#reordered.release();
    if (rules.hold === undefined) this.#held.release();
  }

  send(message: ReplicateMessage): Promise<ReplicateAnswer> {
    return this.#passLoss(() => this.#passDuplicate(message));
  }

  /**
   * Passes on any request to the peer, through the stages that do not need to know what it is: loss, reorder, delay.
   * @param forward - gives it to the network
   */
  pass<T>(forward: () => Promise<T>): Promise<T> {
    return this.#passLoss(() => this.#passReorder({ updates: [], forward }));
  }

  step(count: number): DotJson[] {
    return this.#held.step(count).map(encodeDot);
  }

  reject(error: KvcError): void {
    for (const stage of [this.#lost, this.#held, this.#reordered, this.#delayed]) stage.reject(error);
  }

  #passLoss<T>(forward: () => Promise<T>): Promise<T> {
    this.#counts.messages += 1;
    const error = this.#loss();
    if (error === undefined) return forward();
    this.#counts.dropped += 1;
    return this.#lost.wait({ updates: [], forward: () => Promise.reject(error) }, lossNoticedAfterMs);
  }

  /** What the sender of the next message is told if it is lost. */
  #loss(): KvcError | undefined {
    const { partition, drop } = this.#active;
    if (partition !== undefined) {
      partition.act();
      return this.#unreachable(partition.rule, 'cuts');
    }
    const isDropped = drop?.actPerhaps(drop.rule.percent) !== undefined;
    return isDropped ? this.#unreachable(drop.rule, 'dropped a message on') : undefined;
  }

  #unreachable({ id }: FaultRuleJson, verb: string): KvcError {
    return new KvcError(
      'KVC_E_NODE_UNREACHABLE',
      `fault ${id} ${verb} the link ${this.#source}:${this.#target}`,
      { node: this.#target, fault: id },
    );
  }

  #passDuplicate(message: ReplicateMessage): Promise<ReplicateAnswer> {
    const { duplicate } = this.#active;
    const isDuplicated = duplicate?.actPerhaps(duplicate.rule.percent) !== undefined;
    const answer = this.#passHold(message);
    if (isDuplicated) {
      this.#counts.duplicated += 1;
      // Nobody waits for the copy: its sender knows of one message only.
      this.#passHold(message).catch(() => undefined);
    }
    return answer;
  }

  #passHold(message: ReplicateMessage): Promise<ReplicateAnswer> {
    const { hold } = this.#active;
    if (hold === undefined) return this.#passReorder(this.#requestOf(message));
    hold.act();
    this.#counts.held_total += 1;
    return this.#held.hold(message);
  }

  #passReorder<T>(request: LinkRequest<T>): Promise<T> {
    const { reorder } = this.#active;
    const chance = reorder?.actPerhaps(reorder.rule.percent);
    if (chance === undefined) return this.#passDelay(request);
    this.#counts.reordered += 1;
    const waitMs = 1 + Math.floor(chance * reorderMsMax);
    return this.#reordered.wait({ ...request, forward: () => this.#passDelay(request) }, waitMs);
  }

  #passDelay<T>(request: LinkRequest<T>): Promise<T> {
    const { delay } = this.#active;
    if (delay === undefined) return request.forward();
    const { delay_ms, jitter_ms } = delay.rule;
    this.#counts.delayed_total += 1;
    return this.#delayed.wait(request, delay_ms + (2 * delay.act() - 1) * jitter_ms);
  }

  #requestOf(message: ReplicateMessage): LinkRequest<ReplicateAnswer> {
    return { updates: message.updates, forward: () => this.#send(message) };
  }

  /** The first dots that wait, in the order of departure. */
  #waitingDots(): DotJson[] {
    return [this.#delayed, this.#reordered, this.#held]
      .flatMap((stage) => stage.updates())
      .slice(0, listedUpdatesMax)
      .map((update) => encodeDot(update.dot));
  }
}
