/** Every limit of what may enter a node. Bytes are of UTF-8 or raw data; all maxima are inclusive. */
export const limits = {
  keyBytesMax: 1024,
  valueBytesMax: 1024 * 1024,
  /** One member of a set. */
  memberBytesMax: 64 * 1024,
  /** Operations of one atomic batch. */
  batchOperationsMax: 1024,
  /** Keys and values of one atomic batch together. */
  batchBytesMax: 4 * 1024 * 1024,
  /** Keys of one read of many. */
  readKeysMax: 1024,
  /** Body of a client request. JSON may escape one byte of a value as six. */
  requestBodyBytesMax: 26 * 1024 * 1024,
  /** Body of a replication message: one update of the greatest size always fits. */
  replicateBodyBytesMax: 32 * 1024 * 1024,
  /** Updates of one replication message. */
  replicateUpdatesMax: 1024,
  /** Encoded requests and keys of one part of a snapshot. One key may exceed it, with as many siblings as there are replicas. */
  snapshotChunkBytesMax: 1024 * 1024,
  /** Body of an answer with a part of a snapshot. */
  snapshotBodyBytesMax: 64 * 1024 * 1024,
  /** Requests, and keys, of one part of a snapshot: more than of the smallest ones fit into it. */
  snapshotChunkEntriesMax: 128 * 1024,
  /** Entries of a version vector that arrives from outside. */
  vectorEntriesMax: 1024,
  /** Versions of one key: of a set, each replica may add as many members as one may have. */
  versionsMax: 256 * 1024,
  /** Longest time after which a value may expire: ten years. */
  ttlMsMax: 10 * 365 * 24 * 3600 * 1000,
  /** Replicas that ever belonged to a cluster: what a node stores names them all. Half of it may be admitted. */
  replicasEverMax: 16_384,
  tokenCharactersMax: 16 * 1024,
  listLimitMax: 1000,
  listLimitDefault: 100,
  /** Changes of membership in one update: a node that replaces itself makes two. */
  memberChangesMax: 64,
  addressCharactersMax: 128,
  nodesMax: 16,
  nodeNameCharactersMax: 32,
  /** Longest time that a request may wait for its session's dependencies. */
  timeoutMsMax: 600_000,
  timeoutMsDefault: 5000,
  /** Longest delay that a fault may add to a message. */
  delayMsMax: 600_000,
  /** Fault rules of one node. */
  faultRulesMax: 256,
  /** Seed of what a fault leaves to chance; the smallest is 0. */
  faultSeedMax: 2 ** 32 - 1,
} as const;
