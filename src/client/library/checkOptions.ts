import { asBoolean, asInteger, asObject, badField } from '../../protocol/fields.js';
import { limits } from '../../protocol/limits.js';
import { parseToken } from '../../protocol/sessionToken.js';
import type { WriteCallOptions } from './options.js';

/*
 * A misspelled option must not be ignored in silence: a write without its condition, or a value that never expires, would be
 * noticed late. All of these fail with KVC_E_BAD_REQUEST, before anything is sent. Times are looked at where they are used.
 */

const ofCalls = ['signal', 'timeout', 'node'];
const ofWrites = [...ofCalls, 'replicas', 'ifContext', 'create'];

export const optionNames = {
  connect: ['nodes', 'session', 'timeout', 'signal', 'codec'],
  call: ofCalls,
  write: ofWrites,
  set: [...ofWrites, 'ttlMs'],
  batchSet: ['ttlMs'],
  list: [...ofCalls, 'prefix', 'limit', 'cursor'],
  watch: ['signal', 'node', 'from'],
  resolve: [...ofCalls, 'replicas', 'attempts'],
} as const;

/** @throws KvcError KVC_E_BAD_REQUEST for an option of another name, or what is no signal, node or condition */
export function checkOptions(options: unknown, names: readonly string[]): void {
  const { signal, node, replicas, create } = asObject(options, 'options', names);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw badField('signal', 'an AbortSignal', signal);
  if (node !== undefined) requireName(node);
  if (replicas !== undefined) asInteger(replicas, 'replicas', 1, limits.nodesMax);
  if (create !== undefined) asBoolean(create, 'create');
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function requireName(node: unknown): void {
  if (typeof node !== 'string' || node === '') throw badField('node', 'the name of a node', node);
}

/**
 * What the writer has seen, as a token.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN
 */
export function contextOf(ifContext: Required<WriteCallOptions>['ifContext'], clusterId: string): string {
  const token: unknown =
    typeof ifContext === 'object' && (ifContext as unknown) !== null ? ifContext.token : ifContext;
  if (typeof token !== 'string') throw badField('ifContext', 'an entry that was read, or a token', ifContext);
  return tokenOf(token, 'ifContext', clusterId);
}

/** @throws KvcError KVC_E_BAD_REQUEST, KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN */
export function tokenOf(input: unknown, field: string, clusterId: string): string {
  if (typeof input !== 'string') throw badField(field, 'a token of this cluster', input);
  parseToken(input, clusterId);
  return input;
}
