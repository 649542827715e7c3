import { firstReplicaId, type NodeName, type ReplicaId } from '../../src/core/ids.js';
import { linkLimitDefaults } from '../../src/core/linkLimits.js';
import { Replica } from '../../src/core/replica.js';
import type { Effect, Input } from '../../src/core/step.js';
import type { Operation } from '../../src/core/update.js';
import type { KvcError } from '../../src/errors.js';
import { Checkpointer } from '../../src/driver/checkpointer.js';
import { openNodeData, type NodeData } from '../../src/driver/nodeData.js';
import { realPlace } from '../../src/node/realPlace.js';
import { realTime } from '../../src/node/realTime.js';
import { ByteWriter } from '../../src/protocol/link/byteWriter.js';
import { FrameReader } from '../../src/protocol/link/frameReader.js';
import { MessageReader, MessageWriter } from '../../src/protocol/link/messageCodec.js';
import { limits } from '../../src/protocol/limits.js';
import type { NodeConfig } from '../../src/protocol/nodeMessages.js';
import type { ReplicateMessage } from '../../src/protocol/replicateMessage.js';

export interface ReplicaGroupOptions {
  readonly count: number;
  /** Updates of one message. */
  readonly batchUpdates: number;
  /** Where the first replica keeps its data; the others keep theirs in memory. */
  readonly dataDir: string;
}

interface GroupMember {
  readonly data: NodeData;
  readonly replica: Replica;
  /** Of the one on disk. */
  readonly checkpointer: Checkpointer | undefined;
  /** The sequence number up to which its log is durable. */
  persisted: number;
}

/** What both ends of the connection from one member to another keep. */
interface Connection {
  readonly messages: MessageWriter;
  readonly reader: MessageReader;
}

type Ship = Extract<Effect, { kind: 'ship' }>;

/** So much virtual time passes with every batch: messages are prompt, and nobody falls silent. */
const batchMs = 10;

/**
 * More replicas than this machine could run nodes: in this process, in virtual time, each with its log and key store. What
 * they send to each other goes through the codec of the wire.
 */
export class ReplicaGroup {
  /** Of the messages that carried updates. */
  readonly sent = { messages: 0, updates: 0, bytes: 0 };
  readonly #members: readonly GroupMember[];
  readonly #byId: ReadonlyMap<ReplicaId, GroupMember>;
  readonly #queue: { readonly member: GroupMember; readonly effect: Effect }[] = [];
  readonly #senders = new Map<number, GroupMember>();
  readonly #connections = new Map<string, Connection>();
  readonly #writer = new ByteWriter();
  #lastNumber = 0;
  #nowMs = Date.now();

  private constructor(members: readonly GroupMember[]) {
    this.#members = members;
    this.#byId = new Map(members.map((member) => [member.replica.self, member]));
  }

  /** All have heard each other once when this resolves. */
  static async open(options: ReplicaGroupOptions): Promise<ReplicaGroup> {
    const names = Array.from({ length: options.count }, (_, index) => `node${index + 1}` as NodeName);
    const members: GroupMember[] = [];
    try {
      for (const name of names) {
        const dataDir = members.length === 0 ? options.dataDir : null;
        members.push(await openMember(configOf(name, names, dataDir), options.batchUpdates));
      }
      const group = new ReplicaGroup(members);
      for (const member of members) group.#step(member, { kind: 'tick' });
      await group.#settle();
      return group;
    } catch (error) {
      await closeAll(members);
      throw error;
    }
  }

  get size(): number {
    return this.#members.length;
  }

  /** The one with its data on disk. */
  get first(): GroupMember {
    return this.#at(0);
  }

  /** Whether all have delivered the same. */
  get isLevel(): boolean {
    const clocks = this.#members.map(({ replica }) => JSON.stringify([...replica.clock].sort()));
    return new Set(clocks).size === 1;
  }

  /** The replica at this position writes; resolves when all others have it. Each of the operations is a write without a session. */
  async write(position: number, operations: readonly Operation[]): Promise<void> {
    this.#nowMs += batchMs;
    const member = this.#at(position);
    for (const operation of operations) {
      this.#lastNumber += 1;
      this.#step(member, {
        kind: 'write',
        request: this.#lastNumber,
        operations: [operation],
        context: undefined,
        deadlineMs: Infinity,
      });
    }
    await this.#settle();
  }

  /** Brings the key store of the first up to date with its log, for the last time. */
  async lastCheckpoint(): Promise<void> {
    await this.first.checkpointer?.close();
  }

  close(): Promise<void> {
    return closeAll(this.#members);
  }

  #at(position: number): GroupMember {
    const member = this.#members[position];
    if (member === undefined) throw new RangeError(`there is no replica ${position}`);
    return member;
  }

  #step(member: GroupMember, input: Input): void {
    const effects = member.replica.step(input, this.#nowMs);
    member.checkpointer?.notice();
    for (const effect of effects) this.#queue.push({ member, effect });
  }

  async #settle(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.#perform(next.member, next.effect);
    }
  }

  async #perform(member: GroupMember, effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'persist':
        return this.#persist(member, effect.sequence);
      case 'ship':
        return this.#ship(member, effect);
      case 'answer': {
        const sender = this.#senders.get(effect.message);
        this.#senders.delete(effect.message);
        const { self: peer } = member.replica;
        if (sender !== undefined) this.#step(sender, { kind: 'answered', peer, answer: effect.answer });
        return;
      }
      case 'written':
        return;
      case 'ready':
      case 'behind':
        throw new Error(`a replica that only writes came to "${effect.kind}"`);
      case 'failed':
      case 'refuse':
      case 'halt':
        throw effect.error;
    }
  }

  /** What was written together is flushed together. */
  async #persist(member: GroupMember, sequence: number): Promise<void> {
    if (sequence <= member.persisted) return;
    member.persisted = await member.data.log.flush();
    this.#step(member, { kind: 'persisted', sequence: member.persisted });
  }

  async #ship(member: GroupMember, { peer, origin, first, last, offersSnapshot }: Ship): Promise<void> {
    const { data, replica } = member;
    const updates = last < first ? [] : await data.log.read(origin, first, last, Infinity);
    const { self: from, unreached, shownDurable: clock } = replica;
    const message = { from, clock, unreached, offersSnapshot, updates };
    const connection = this.#connectionOf(from, peer);
    connection.messages.write(this.#writer, message);
    const bytes = this.#writer.take();
    if (updates.length > 0) {
      this.sent.messages += 1;
      this.sent.updates += updates.length;
      this.sent.bytes += bytes.length;
    }
    this.#lastNumber += 1;
    this.#senders.set(this.#lastNumber, member);
    const target = this.#byId.get(peer);
    if (target === undefined) throw new Error(`there is no ${peer}`);
    this.#step(target, { kind: 'receive', message: this.#lastNumber, ...arrived(bytes, connection) });
  }

  #connectionOf(from: ReplicaId, to: ReplicaId): Connection {
    const name = `${from}:${to}`;
    const open = this.#connections.get(name);
    if (open !== undefined) return open;
    const connection = { messages: new MessageWriter(), reader: new MessageReader() };
    this.#connections.set(name, connection);
    return connection;
  }
}

function arrived(bytes: Buffer, { reader }: Connection): ReplicateMessage {
  const frames = new FrameReader(limits.replicateBodyBytesMax);
  frames.push(bytes);
  const frame = frames.next();
  if (frame === undefined) throw new Error('a message is cut off');
  return reader.read(frame.content);
}

async function openMember(config: NodeConfig, batchUpdates: number): Promise<GroupMember> {
  const report = (_level: string, message: string, facts?: unknown): void => {
    throw new Error(`${message} ${JSON.stringify(facts)}`);
  };
  const data = await openNodeData(config, { place: realPlace('bench'), random: Math.random, report });
  const { log, keys } = data;
  const replica = new Replica(
    {
      self: data.replica,
      founders: config.founders.map(firstReplicaId),
      delivery: 'causal',
      random: Math.random,
      limits: { link: { ...linkLimitDefaults, batchUpdatesMax: batchUpdates } },
    },
    { history: log, keys, requests: keys.requests },
    keys.opened,
  );
  const ephemeral = config.dataDir === null;
  const onFailure = (error: KvcError): void => {
    throw error;
  };
  const checkpointer = new Checkpointer(
    { time: realTime(), replica, log, keys, report, ephemeral },
    onFailure,
  );
  return { data, replica, checkpointer: ephemeral ? undefined : checkpointer, persisted: 0 };
}

/** A checkpointer that is still to begin would find its store closed. */
async function closeAll(members: readonly GroupMember[]): Promise<void> {
  for (const { checkpointer, data } of members) {
    await checkpointer?.close();
    await data.close();
  }
}

function configOf(self: NodeName, names: readonly NodeName[], dataDir: string | null): NodeConfig {
  return {
    clusterId: 'bench',
    clusterName: 'bench',
    self,
    instance: 'bench',
    members: names.map((name, index) => ({ name, port: index + 1 })),
    founders: names,
    dataDir,
    hasServed: false,
    delivery: 'causal',
    limits: {},
    faults: [],
  };
}
