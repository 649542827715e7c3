declare const brand: unique symbol;

/** The name of a node in its cluster, such as `node1`. It outlives the node's data. */
export type NodeName = string & { readonly [brand]: 'NodeName' };

/**
 * The identity of one replica's history. It is never reused after that history's durable state is lost: a dot must
 * name one write for ever. A node's first replica id is spelled like the node's name.
 */
export type ReplicaId = string & { readonly [brand]: 'ReplicaId' };

/** The replica id of a node that has kept all its data since it was first started. */
export function firstReplicaId(name: NodeName): ReplicaId {
  return name as string as ReplicaId;
}

/** The node to which a replica's history belongs. */
export function nodeOf(replica: ReplicaId): NodeName {
  return replica as string as NodeName;
}
