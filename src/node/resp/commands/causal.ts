import { formatDot, type Dot } from '../../../core/clock/dot.js';
import type { Content } from '../../../core/contents.js';
import type { ReplicaDriver } from '../../../driver/replicaDriver.js';
import type { Wait } from '../../../driver/wait.js';
import { hasCode } from '../../../errors.js';
import { limits } from '../../../protocol/limits.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { RespError } from '../../../protocol/resp/respError.js';
import { encodeToken, parseToken } from '../../../protocol/sessionToken.js';
import { integerOf } from '../args.js';
import type { Command } from '../command.js';
import type { Reply } from '../reply.js';
import type { RespClient } from '../respClient.js';
import { bulk, integer, ok, stringOf } from '../replies.js';

const empty = Buffer.alloc(0);

/** What kvc has and Redis has not. */
export const causalCommands: readonly Command[] = [
  {
    kind: 'connection',
    name: 'kvc.token',
    arity: 1,
    summary: "The connection's session, as a token for any node and any API",
    run: ({ served, session }) => bulk(encodeToken(served.config.clusterId, session.context)),
  },
  {
    kind: 'connection',
    name: 'kvc.advance',
    arity: -2,
    inTransaction: 'refused',
    summary: 'Waits until the node has what a token has seen: KVC.ADVANCE token [timeout in ms]',
    run: async (client, [token = empty, timeout]) => {
      const timeoutMs = timeout === undefined ? limits.timeoutMsDefault : timeoutOf(timeout);
      const context = parseToken(token.toString('latin1'), client.served.config.clusterId);
      await client.node.driver.whenDelivered(context, client.wait(timeoutMs));
      client.session.advance(context);
      return ok;
    },
  },
  {
    kind: 'connection',
    name: 'kvc.clock',
    arity: 1,
    summary: 'What the node has delivered, of each replica',
    run: ({ node }) => {
      const entries = [...node.driver.clock].sort(([left], [right]) => (left < right ? -1 : 1));
      return (writer) => {
        writer.map(entries.length);
        for (const [replica, counter] of entries) {
          writer.bulk(replica);
          writer.integer(counter);
        }
      };
    },
  },
  {
    kind: 'read',
    name: 'kvc.siblings',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'All that a key holds, the winner first, each with its dot',
    parse: ([word = empty]) => {
      const key = keyOfBytes(word);
      return { keys: [key], read: (view) => siblingsReply(view.contents(key)) };
    },
  },
  {
    kind: 'connection',
    name: 'wait',
    arity: 3,
    inTransaction: 'refused',
    summary: "How many other nodes have the connection's last write on disk: WAIT nodes timeout in ms",
    run: (client, [nodes, timeout]) => waitFor(client, integerOf(nodes), timeoutOf(timeout)),
  },
];

function siblingsReply(contents: readonly Content[]): Reply {
  const shown = contents.map((content) => ({
    dot: formatDot(content.dot),
    value: content.type === 'set' ? content.members : stringOf(content),
  }));
  return (writer) => {
    writer.array(shown.length);
    for (const { dot, value } of shown) {
      writer.array(2);
      writer.bulk(dot);
      if (value === undefined) writer.nil();
      else if (Array.isArray(value)) {
        writer.set(value.length);
        for (const member of value as Uint8Array[]) writer.bulk(member);
      } else writer.bulk(value as Uint8Array | string);
    }
  };
}

async function waitFor(client: RespClient, others: number, timeoutMs: number): Promise<Reply> {
  const { node, session } = client;
  if (others < 0) throw new RespError('value is out of range, must be positive');
  const { lastWrite } = session;
  // What was never written is everywhere.
  if (lastWrite === undefined) return integer(node.replica.membership.current.length - 1);
  const copies = (): number => Math.max(0, node.replica.nodesWith(lastWrite).length - 1);
  const wanted = Math.min(others, node.replica.membership.current.length - 1);
  if (copies() >= wanted) return integer(copies());
  const wait = client.wait(timeoutMs === 0 ? limits.timeoutMsMax : timeoutMs);
  await confirm(node.driver, lastWrite, wanted + 1, wait);
  return integer(copies());
}

/** Such waits may be long, and there may be as many as there are connections: each is a request that is being served. */
async function confirm(driver: ReplicaDriver, dot: Dot, replicas: number, wait: Wait): Promise<void> {
  const refusal = driver.overload.requestBegins();
  if (refusal !== undefined) throw refusal;
  try {
    await driver.confirm(dot, replicas, wait);
  } catch (error) {
    if (!hasCode(error, 'KVC_E_NOT_DURABLE')) throw error;
  } finally {
    driver.overload.requestEnded();
  }
}

function timeoutOf(word: Buffer | undefined): number {
  const timeoutMs = integerOf(word);
  if (timeoutMs < 0) throw new RespError('timeout is negative');
  return Math.min(timeoutMs, limits.timeoutMsMax);
}
