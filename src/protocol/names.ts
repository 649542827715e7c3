import type { NodeName, ReplicaId } from '../core/ids.js';
import { badField } from './fields.js';

const namePattern = /^[a-z][a-z0-9-]{0,31}$/;
const nameRule = 'a name: a to z, 0 to 9 and -, a letter first, at most 32 characters';

/** @throws KvcError KVC_E_BAD_REQUEST that names `field` */
export function parseNodeName(input: unknown, field = 'node'): NodeName {
  if (!isName(input)) throw badField(field, nameRule, input);
  return input as NodeName;
}

/**
 * A replica id, which for now is spelled like a node's name.
 * @throws KvcError KVC_E_BAD_REQUEST that names `field`
 */
export function parseReplicaId(input: unknown, field = 'node'): ReplicaId {
  if (!isName(input)) throw badField(field, nameRule, input);
  return input as ReplicaId;
}

/** Whether a text has the form of a node's name and of a replica id. */
export function isName(input: unknown): input is string {
  return typeof input === 'string' && namePattern.test(input);
}
