declare const brand: unique symbol;

/** The name of a node in its cluster, such as `node1`. It outlives the node's data. */
export type NodeName = string & { readonly [brand]: 'NodeName' };

/**
 * The identity of one replica's history. It is never reused after that history's durable state is lost: a dot must
 * name one write for ever. A node's first replica id is spelled like the node's name, `node1`; that of a later
 * incarnation, which came back without its data, has a part of chance behind it, `node1.k3x9f`.
 */
export type ReplicaId = string & { readonly [brand]: 'ReplicaId' };

/** The replica id of a node that has kept all its data since it was first started. */
export function firstReplicaId(name: NodeName): ReplicaId {
  return name as string as ReplicaId;
}

/**
 * The replica id of a node that comes back without its data.
 * @param incarnation - 1 to 16 of a to z and 0 to 9, by chance: nobody is left who could count
 */
export function laterReplicaId(name: NodeName, incarnation: string): ReplicaId {
  return `${name}.${incarnation}` as ReplicaId;
}

/** The node to which a replica's history belongs. */
export function nodeOf(replica: ReplicaId): NodeName {
  const mark = replica.indexOf('.');
  const name: string = mark < 0 ? replica : replica.slice(0, mark);
  return name as NodeName;
}
