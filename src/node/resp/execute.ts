import { hasCode, type KvcError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import { RespError } from '../../protocol/resp/respError.js';
import type { Operation } from '../../core/update.js';
import type { AppliedUpdate } from '../../core/step.js';
import { requireBatch, requireUpdateSize } from './args.js';
import type { Read, Reply, Write } from './command.js';
import { NodeView } from './keyView.js';
import type { RespClient } from './respClient.js';
import { planTransaction, type QueuedCommand } from './transaction.js';

/** How often what was planned is planned anew, because others changed the same keys meanwhile. */
const attemptsMax = 64;

export function executeRead(client: RespClient, read: Read): Reply {
  return admitted(client, () => read.read(new NodeView(client.node, client.session), client));
}

/** Resolves when the write is durable here. */
export async function executeWrite(client: RespClient, write: Write): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    const {
      operations,
      isConditional = false,
      reply,
    } = write.plan(new NodeView(client.node, client.session), client.node.driver.nowMs());
    if (operations.length === 0) return reply([]);
    try {
      const { changes } = await submit(client, operations, isConditional);
      for (const { after } of changes) client.session.observeAll(after, client.node.replica);
      return reply(changes);
    } catch (error) {
      if (!isOvertaken(error) || attempt >= attemptsMax) throw error;
    }
  }
}

/** All commands as one update, and all that they read of one moment. */
export async function executeTransaction(
  client: RespClient,
  queued: readonly QueuedCommand[],
): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    const view = new NodeView(client.node, client.session);
    const { operations, replies } = planTransaction(queued, view, client);
    requireBatch(operations.length);
    try {
      if (operations.length > 0) await submit(client, operations, true);
      const settled = await Promise.all(replies.map((reply) => Promise.resolve(reply)));
      return (writer) => {
        writer.array(settled.length);
        for (const reply of settled) reply(writer);
      };
    } catch (error) {
      if (!isOvertaken(error) || attempt >= attemptsMax) throw error;
    }
  }
}

async function submit(
  client: RespClient,
  operations: readonly Operation[],
  isConditional: boolean,
): Promise<AppliedUpdate> {
  requireUpdateSize(operations);
  const { node, session } = client;
  const { context } = session;
  const { overload } = node.driver;
  const refusal = overload.requestBegins();
  if (refusal !== undefined) throw refusal;
  try {
    const applied = await node.driver.writeTelling(operations, {
      context,
      wait: client.wait(limits.timeoutMsDefault),
      condition: isConditional ? { kind: 'seen', context } : undefined,
    });
    session.observe(applied.update.dot, node.replica);
    session.lastWrite = applied.update.dot;
    return applied;
  } finally {
    overload.requestEnded();
  }
}

function admitted<T>({ node }: RespClient, run: () => T): T {
  const { overload } = node.driver;
  const refusal = overload.requestBegins();
  if (refusal !== undefined) throw refusal;
  try {
    return run();
  } finally {
    overload.requestEnded();
  }
}

/** What the plan was made for is there no longer. */
function isOvertaken(error: unknown): error is KvcError {
  if (error instanceof RespError) return false;
  return hasCode(error, 'KVC_E_CONDITION_FAILED') || hasCode(error, 'KVC_E_TYPE_MISMATCH');
}
