import { emptyVector, mergeVectors, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import { KvcError } from '../errors.js';
import { inOrder } from './clockJson.js';
import { limits } from './limits.js';
import { isReplicaId } from './names.js';

/*
 * A session token is a causal context made opaque: `kvc1.CLUSTERID.node1:3,node2:5`. The form is safe in a header and in
 * a shell. Clients must not take it apart: a later version may look different, and says so in its first part.
 */

export interface SessionToken {
  readonly clusterId: string;
  readonly context: VersionVector;
}

/** Stands for a token that has seen nothing yet, of whatever cluster: it starts a session. */
const newSession = 'new';
const version = 'kvc1';
const form = /^([a-z0-9]{1,16})\.([a-z0-9-]{1,64})\.([a-z0-9:,.-]*)$/;
const entryForm = /^([^:]+):([1-9][0-9]{0,15})$/;

/** Equal contexts have equal tokens. `clusterId` is of a to z, 0 to 9 and -. */
export function encodeToken(clusterId: string, context: VersionVector): string {
  let entries = '';
  for (const [replica, counter] of inOrder(context)) {
    entries += `${entries === '' ? '' : ','}${replica}:${counter}`;
  }
  return `${version}.${clusterId}.${entries}`;
}

/** @throws KvcError KVC_E_TOKEN_INVALID */
export function decodeToken(text: string): SessionToken {
  if (text.length > limits.tokenCharactersMax) {
    throw invalid(`it has ${text.length} characters, and at most ${limits.tokenCharactersMax} are allowed`);
  }
  const parts = form.exec(text);
  if (parts === null) throw invalid('it is not of the form that kvc gives out');
  const [, writtenBy = '', clusterId = '', entries = ''] = parts;
  if (writtenBy !== version) {
    throw invalid(`its version is ${writtenBy}, and this version of kvc reads ${version}`);
  }
  return { clusterId, context: parseEntries(entries) };
}

/**
 * The context of a token that a client presents to the cluster `clusterId`; the text `new` is the empty context.
 * @throws KvcError KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN
 */
export function parseToken(text: string, clusterId: string): VersionVector {
  if (text === newSession) return emptyVector;
  const token = decodeToken(text);
  if (token.clusterId === clusterId) return token.context;
  throw foreign(
    `the session token belongs to cluster ${token.clusterId}, this is cluster ${clusterId}; ` +
      `start a session here with the token "${newSession}"`,
    [token.clusterId, clusterId],
  );
}

/**
 * A token that has seen what both have seen.
 * @throws KvcError KVC_E_TOKEN_INVALID, or KVC_E_TOKEN_FOREIGN if they are of different clusters
 */
export function mergeTokens(left: string, right: string): string {
  const one = decodeToken(left);
  const other = decodeToken(right);
  if (one.clusterId === other.clusterId) {
    return encodeToken(one.clusterId, mergeVectors(one.context, other.context));
  }
  throw foreign(
    `the session tokens belong to different clusters, ${one.clusterId} and ${other.clusterId}; ` +
      'only tokens of one cluster can be merged',
    [one.clusterId, other.clusterId],
  );
}

function parseEntries(entries: string): VersionVector {
  if (entries === '') return emptyVector;
  const context = new Map<ReplicaId, number>();
  for (const entry of entries.split(',')) {
    const [, name, digits] = entryForm.exec(entry) ?? [];
    const counter = Number(digits);
    if (!isReplicaId(name) || !Number.isSafeInteger(counter) || context.has(name)) {
      throw invalid(`its part ${JSON.stringify(entry.slice(0, 60))} is not a node and a counter, once each`);
    }
    context.set(name, counter);
  }
  return context;
}

function invalid(reason: string): KvcError {
  return new KvcError(
    'KVC_E_TOKEN_INVALID',
    `the session token cannot be read: ${reason}; pass on tokens as they are given, or "${newSession}" to start a session`,
  );
}

function foreign(message: string, clusters: readonly string[]): KvcError {
  return new KvcError('KVC_E_TOKEN_FOREIGN', message, { clusters });
}
