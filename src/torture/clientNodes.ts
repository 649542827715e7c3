import type { BatchWrite, RequestOptions, WriteOptions } from '../client/nodeClient.js';
import type { ClockJson, DotJson, VersionJson } from '../protocol/api.js';

/** What a node says with every answer: what the session has seen, and what the node has delivered. */
export interface Seen {
  readonly session: string;
  readonly clock: ClockJson;
}

/** What a read returned of one key. */
export interface ReadEntry {
  readonly key: string;
  readonly value: string | null;
  /** Of the winner; null where it is not known, or nothing was ever written. */
  readonly dot: DotJson | null;
  readonly siblings: readonly Pick<VersionJson, 'dot' | 'value'>[];
}

export interface Written extends Seen {
  /** null: it is not known, or nothing was written. */
  readonly dot: DotJson | null;
  /** What was to be deleted where there was nothing to delete: it was only looked at. */
  readonly absent?: readonly ReadEntry[];
}

/**
 * One node as the clients of torture ask it, whatever the protocol.
 * Every method throws the KvcError that the node answers with, or KVC_E_NODE_UNREACHABLE.
 */
export interface AskedNode {
  readonly name: string;
  read(key: string, options: RequestOptions): Promise<ReadEntry & Seen>;
  readMany(
    keys: readonly string[],
    options: RequestOptions,
  ): Promise<{ readonly entries: readonly ReadEntry[] } & Seen>;
  write(key: string, value: string, options: WriteOptions): Promise<Written>;
  batch(writes: readonly BatchWrite[], options: WriteOptions): Promise<Written>;
}

/** The nodes that there are at the moment, as one client asks them. */
export interface ClientNodes {
  /** Whether a write can be sent again under its name. */
  readonly takesRequestIds: boolean;
  nodeNames(): readonly string[];
  /** @throws KvcError KVC_E_NODE_UNKNOWN */
  client(node: string): AskedNode;
  /** What comes belongs to another session than what was asked before. */
  beginSession(): void;
}
