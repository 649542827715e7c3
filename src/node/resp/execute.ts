import { requireBatch } from './args.js';
import type { Read, Write, WritePlan } from './plans.js';
import type { Reply } from './reply.js';
import { NodeView, type KeyView } from './keyView.js';
import { LaterReply } from './laterReply.js';
import { errorReply } from './replies.js';
import type { RespClient } from './respClient.js';
import type { QueuedCommand } from './plans.js';
import type { OwnWrite } from './ownWrites.js';
import { planTransaction } from './transaction.js';
import { WriteTask } from './writeTask.js';

/** @throws KvcError KVC_E_NOT_READY, KVC_E_OVERLOADED */
export function executeRead(client: RespClient, read: Read): Reply {
  const { overload } = client.node.driver;
  const refusal = overload.requestBegins();
  if (refusal !== undefined) throw refusal;
  try {
    return read.read(new NodeView(client), client);
  } finally {
    overload.requestEnded();
  }
}

/** @param own - ends when it is answered */
export function executeWrite(client: RespClient, write: Write, own: OwnWrite): LaterReply {
  const task = new WriteTask(client, write, own);
  task.begin();
  return task;
}

/** All commands as one update, and all that they read of one moment. */
export function executeTransaction(client: RespClient, queued: readonly QueuedCommand[]): LaterReply {
  const plan = (view: KeyView): WritePlan => {
    const { operations, replies } = planTransaction(queued, view, client);
    requireBatch(operations.length);
    const reply: Reply = (writer) => {
      writer.array(replies.length);
      for (const each of replies) each(writer);
    };
    return { operations, isConditional: true, reply: () => reply };
  };
  const task = new WriteTask(client, { plan });
  task.begin();
  return task;
}

/** What a promise comes to, as an answer. */
export function replyOf(promise: Promise<Reply>): LaterReply {
  const later = new LaterReply();
  promise.then(
    (reply) => later.settle(reply),
    (error: unknown) => later.settle(errorReply(error)),
  );
  return later;
}
