import { typeRefusal } from '../../core/typeRules.js';
import type { Operation, Update } from '../../core/update.js';
import type { Reply } from './reply.js';
import { TransactionView, type KeyView } from './keyView.js';
import { errorReply } from './replies.js';
import type { QueuedCommand } from './plans.js';
import type { RespClient } from './respClient.js';

export interface TransactionPlan {
  /** Of all commands, as one update; none: nothing is to be written. */
  readonly operations: readonly Operation[];
  readonly replies: readonly Reply[];
}

/**
 * What the commands do one after the other, each seeing what those before it did. One that fails does not keep the others from
 * being done, as Redis has it.
 */
export function planTransaction(
  queued: readonly QueuedCommand[],
  beneath: KeyView,
  client: RespClient,
): TransactionPlan {
  const view = new TransactionView(beneath, (changes) => standInFor(client, changes));
  const operations: Operation[] = [];
  const nowMs = client.node.driver.nowMs();
  const clock = { nowMs: () => nowMs };
  const replies = queued.map((command): Reply => {
    try {
      if (command.kind === 'connection') return command.run();
      if (command.kind === 'read') return command.read.read(view, client);
      const plan = command.write.plan(view, clock);
      requireFit(plan.operations, view);
      const reply = plan.reply(view.apply(plan.operations));
      operations.push(...plan.operations);
      return reply;
    } catch (error) {
      return errorReply(error);
    }
  });
  return { operations, replies };
}

/** @throws KvcError where the node would refuse the whole update for what one command does: that command alone fails */
function requireFit(operations: readonly Operation[], view: KeyView): void {
  const refusal = typeRefusal(operations, { get: (key) => view.versions(key) });
  if (refusal !== undefined) throw refusal;
}

/** The update that will come: later than all, and it has seen what its session has by now, and what it is to merge with. */
function standInFor({ node, session }: RespClient, operations: readonly Operation[]): Update {
  const { replica } = node;
  return {
    dot: { replica: replica.self, counter: Number.MAX_SAFE_INTEGER },
    dependencies: replica.dependenciesOf(session.contextAt(replica), operations),
    timestamp: Number.MAX_SAFE_INTEGER,
    operations,
  };
}
