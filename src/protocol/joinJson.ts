import type { ReplicaId } from '../core/ids.js';
import { asObject } from './fields.js';
import { parseAddress } from './memberJson.js';
import { parseReplicaId } from './names.js';

/** POST /members/join: a node that has no data asks a member to admit it, as a replica that nobody was before. */
export interface JoinRequest {
  readonly replica: ReplicaId;
  /** Where the node listens, such as `127.0.0.1:7104`. */
  readonly address: string;
}

export function joinRequestText({ replica, address }: JoinRequest): string {
  return JSON.stringify({ replica, address });
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseJoinRequest(input: unknown): JoinRequest {
  const fields = asObject(input, 'body', ['replica', 'address']);
  return {
    replica: parseReplicaId(fields.replica, 'replica'),
    address: parseAddress(fields.address, 'address'),
  };
}
