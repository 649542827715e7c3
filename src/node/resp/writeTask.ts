import type { Dot } from '../../core/clock/dot.js';
import type { AppliedUpdate } from '../../core/step.js';
import type { RunningNode } from '../../driver/runningNode.js';
import type { WriteAnswer } from '../../driver/openAnswers.js';
import { hasCode, KvcError } from '../../errors.js';
import { requireUpdateSize } from './args.js';
import type { OwnWrite } from './ownWrites.js';
import type { Write, WritePlan } from './plans.js';
import type { Reply } from './reply.js';
import { NodeView } from './keyView.js';
import { LaterReply } from './laterReply.js';
import { errorReply } from './replies.js';
import type { RespClient } from './respClient.js';

/** How often what was planned is planned anew, because others changed the same keys meanwhile. */
const attemptsMax = 64;

/** What of a connection its writes need. */
export type WritingClient = Pick<RespClient, 'session' | 'defaultWait'> & {
  readonly node: WritingNode;
};

type WritingNode = Pick<RunningNode, 'driver' | 'replica' | 'keys'>;

/** One write of a connection, from its plan to its answer, which it is itself. */
export class WriteTask extends LaterReply implements WriteAnswer {
  readonly #client: WritingClient;
  readonly #write: Pick<Write, 'plan'>;
  readonly #own: OwnWrite | undefined;
  #planned: WritePlan | undefined;
  #node: WritingNode | undefined;
  #attempts = 0;

  /**
   * @param write - planned anew for each attempt, by what there is then
   * @param own - what it is among the writes of its connection, where others could be hindered by it
   */
  constructor(client: WritingClient, write: Pick<Write, 'plan'>, own?: OwnWrite) {
    super();
    this.#client = client;
    this.#write = write;
    this.#own = own;
  }

  override settle(reply: Reply): void {
    super.settle(reply);
    this.#own?.end();
  }

  /** Plans, and has the node do it. The answer comes when it is durable there, or it failed. */
  begin(): void {
    this.#attempts += 1;
    try {
      const planned = this.#write.plan(new NodeView(this.#client), this.#client.node.driver);
      if (planned.operations.length === 0) this.settle(planned.reply([]));
      else this.#submit(planned);
    } catch (error) {
      this.settle(errorReply(error));
    }
  }

  written(dot: Dot, applied: AppliedUpdate | undefined): void {
    const { session } = this.#client;
    const node = this.#end();
    session.observe(dot, node.replica);
    session.lastWrite = dot;
    const changes = applied?.changes ?? [];
    for (const { after } of changes) session.observeAll(after, node.replica);
    this.settle(this.#replyTo(changes));
  }

  failed(error: KvcError): void {
    this.#end();
    if (!isOvertaken(error)) this.settle(errorReply(error));
    else if (this.#attempts < attemptsMax) this.begin();
    else this.settle(errorReply(busy(error)));
  }

  #submit(planned: WritePlan): void {
    requireUpdateSize(planned.operations);
    const { session, node } = this.#client;
    const refusal = node.driver.overload.requestBegins();
    if (refusal !== undefined) throw refusal;
    this.#planned = planned;
    this.#node = node;
    const context = session.contextAt(node.replica);
    const condition =
      planned.isConditional === true ? ({ kind: 'seen', context: session.context } as const) : undefined;
    const wait = this.#client.defaultWait;
    const tellsChanges = planned.tellsChanges === true;
    node.driver.submit(planned.operations, { context, wait, condition, tellsChanges }, this);
  }

  #end(): WritingNode {
    const node = this.#node ?? this.#client.node;
    node.driver.overload.requestEnded();
    return node;
  }

  #replyTo(changes: AppliedUpdate['changes']): Reply {
    try {
      return this.#planned?.reply(changes) ?? errorReply(new Error('there was no plan'));
    } catch (error) {
      return errorReply(error);
    }
  }
}

/** What the plan was made for is there no longer. */
function isOvertaken(error: KvcError): boolean {
  return hasCode(error, 'KVC_E_CONDITION_FAILED') || hasCode(error, 'KVC_E_TYPE_MISMATCH');
}

/** It is not what the client asked for that is wrong. */
function busy(error: KvcError): KvcError {
  const what = typeof error.facts['key'] === 'string' ? JSON.stringify(error.facts['key']) : 'the keys';
  const message = `others changed ${what} each of the ${attemptsMax} times that this was tried; nothing was written: send it again`;
  return new KvcError('KVC_E_CONDITION_FAILED', message, error.facts, { cause: error });
}
