/**
 * The JSON of a node's HTTP API, as it stands on the wire: what clients send and get. What nodes tell each other, and what
 * they say of themselves, their faults and members, is in replicationApi, inspectApi, faultsApi and membersApi. Names of
 * fields with a unit end in it. A node is named by its replica id (see src/core/ids.ts), which is its plain name unless it
 * has lost its data.
 */

/** `{"node1": 3}`: a version vector. Entries are integers >= 1. */
export type ClockJson = Readonly<Record<string, number>>;

/** The name of exactly one update. */
export interface DotJson {
  readonly node: string;
  readonly counter: number;
}

/** A value is text in JSON; bytes that are not UTF-8 travel as base64 and say so. */
export interface ValueJson {
  readonly value: string;
  readonly encoding?: 'base64';
}

/** What a key holds that merges concurrent writes; absent for a plain value, of which the last writer wins. */
export type MergedTypeJson = 'counter' | 'set';

/** What a version says. A deleted or expired one has value null. */
export interface ContentJson {
  /** A counter's is its decimal number, a set's a JSON array of its members' texts. */
  readonly value: string | null;
  readonly encoding?: 'base64';
  readonly type?: MergedTypeJson;
  /** Of a set only, in the order of their bytes. */
  readonly members?: readonly ValueJson[];
  /** When the value expires: ms since 1970 by the clock of the node that accepted it. Absent if it does not. */
  readonly expires_at_ms?: number;
}

/** One version of a key. */
export interface VersionJson extends ContentJson {
  readonly dot: DotJson;
}

export interface WriteRequestJson extends ValueJson {
  readonly key: string;
  /** After how many ms the value expires. */
  readonly ttl_ms?: number;
}

/** POST /write, PUT and DELETE /kv/KEY. */
export interface WriteResponseJson extends WrittenJson {
  readonly dot: DotJson;
  /** What the answering node has delivered, this write included. */
  readonly clock: ClockJson;
  readonly session: string;
}

/** One write of a batch: a value, a deletion, or a change of a counter or set. */
export type BatchWriteJson =
  | WriteRequestJson
  | { readonly key: string; readonly delete: true }
  /** An integer other than 0; negative to decrement. The key is a counter from then on. */
  | { readonly key: string; readonly increment: number }
  /** One member of a set, as text or base64. */
  | { readonly key: string; readonly add: string; readonly encoding?: 'base64' }
  | { readonly key: string; readonly remove: string; readonly encoding?: 'base64' };

/** What a write left at its key: what was written, or what the counter or set is at the answering node then. */
export interface WrittenJson extends ContentJson {
  readonly key: string;
}

/** POST /batch: one update, visible whole or not at all. */
export interface BatchRequestJson {
  readonly writes: readonly BatchWriteJson[];
}

/**
 * The same of one write of a batch. A set is told by the last of its changes alone, and not at all beyond about 4 MiB of sets in one
 * answer: what is not told has a key and nothing else, and can be read.
 */
export interface BatchWrittenJson extends Partial<ContentJson> {
  readonly key: string;
}

/** The answer to POST /batch. */
export interface BatchResponseJson {
  /** In the order of the request. */
  readonly writes: readonly BatchWrittenJson[];
  readonly dot: DotJson;
  readonly clock: ClockJson;
  readonly session: string;
}

/** GET /read?key=K. A key without a value is a 404 whose body has the error and these fields with `dot` and `value` null. */
export interface ReadResponseJson extends ContentJson {
  readonly key: string;
  /** The dot of the winner; null if the key was never written here. A deleted key has the tombstone's dot. */
  readonly dot: DotJson | null;
  /** The other versions, concurrent with the winner; the winner is not among them. */
  readonly siblings: readonly VersionJson[];
  /** What the answering node has delivered. */
  readonly clock: ClockJson;
  readonly session: string;
}

/** POST /read: all keys as of one instant of the node. */
export interface ReadManyRequestJson {
  readonly keys: readonly string[];
}

/** One key of the answer to POST /read. */
export type ReadEntryJson = Omit<ReadResponseJson, 'clock' | 'session'>;

/** The answer to POST /read. */
export interface ReadManyResponseJson {
  readonly entries: readonly ReadEntryJson[];
  readonly clock: ClockJson;
  readonly session: string;
}

/** One key that has a value, without that. */
export interface KeyJson extends Pick<VersionJson, 'type' | 'expires_at_ms' | 'dot'> {
  readonly key: string;
  readonly siblings: number;
}

/** GET /keys?prefix=&limit=&cursor= */
export interface KeysResponseJson {
  /** In the order of their UTF-8 bytes. */
  readonly keys: readonly KeyJson[];
  /** Give it back to get the next page; null on the last one. A page may be short, or empty, and not be the last. */
  readonly cursor: string | null;
  readonly clock: ClockJson;
  readonly session: string;
}

/** GET /clock */
export interface ClockResponseJson {
  readonly node: string;
  readonly clock: ClockJson;
}

/** GET /healthz and /readyz */
export interface HealthResponseJson {
  readonly node: string;
  readonly instance: string;
  readonly cluster_id: string;
  /** joining: it asks the other nodes to admit it. loading: it takes a snapshot from one of them. */
  readonly status: 'starting' | 'joining' | 'loading' | 'ready' | 'closing';
  /** What its clock says: ms since 1970. */
  readonly time_ms: number;
  /** Why it is not ready; null when it is. */
  readonly reason: string | null;
}

/** GET /digest: a checksum of all that clients can read here; nodes with the same updates have the same. */
export interface DigestResponseJson {
  readonly node: string;
  readonly clock: ClockJson;
  readonly digest: string;
  readonly keys: number;
}

/** The facts of a KVC_E_CONDITION_FAILED: what the key holds, and a token that has seen it besides what the session had. */
export interface ConditionFailedJson {
  readonly key: string;
  /** All versions, the winner first; empty if the key has none. */
  readonly versions: readonly VersionJson[];
  readonly session: string;
}

/** The body of every answer that is no 2xx. */
export interface ErrorJson {
  readonly error: { readonly code: string; readonly message: string } & Readonly<Record<string, unknown>>;
}
