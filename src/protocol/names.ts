import type { NodeName, ReplicaId } from '../core/ids.js';
import { badField } from './fields.js';

const namePattern = /^[a-z][a-z0-9-]{0,31}$/;
const replicaPattern = /^[a-z][a-z0-9-]{0,31}(\.[a-z0-9]{1,16})?$/;
/** What a name of a node or cluster consists of, for error messages. */
export const nameRule = 'a to z, 0 to 9 and -, a letter first, at most 32 characters';
const replicaRule = `a name: ${nameRule}, and for a later incarnation a dot and 1 to 16 of a to z and 0 to 9`;

/** @throws KvcError KVC_E_BAD_REQUEST that names `field` */
export function parseNodeName(input: unknown, field = 'node'): NodeName {
  if (!isName(input)) throw badField(field, `a name: ${nameRule}`, input);
  return input as NodeName;
}

/** @throws KvcError KVC_E_BAD_REQUEST that names `field` */
export function parseReplicaId(input: unknown, field = 'node'): ReplicaId {
  if (!isReplicaId(input)) throw badField(field, replicaRule, input);
  return input;
}

export function isReplicaId(input: unknown): input is ReplicaId {
  return typeof input === 'string' && replicaPattern.test(input);
}

/** Whether a text has the form of a node's name. */
export function isName(input: unknown): input is string {
  return typeof input === 'string' && namePattern.test(input);
}
