import { KvcError } from '../errors.js';
import { contentsOf, isLive, winnerOf, type Content } from './contents.js';
import type { Keyspace } from './state.js';
import type { Operation } from './update.js';

/** Members of one set. What replicas add concurrently may go beyond it, each up to so many. */
export const setMembersMax = 16_384;
/** Bytes of all members of one set together. */
export const setBytesMax = 1024 * 1024;

type Type = 'value' | 'counter' | 'set' | undefined;

/**
 * Why operations do not fit what their keys hold, each of them applied after those before it; undefined if they do. A counter
 * begins where nothing is, and so does a set. A value may be written over anything. Judged by what this replica holds: where
 * others write values of another type concurrently, the key has siblings.
 */
export function typeRefusal(
  operations: readonly Operation[],
  keys: Pick<Keyspace, 'get'>,
): KvcError | undefined {
  if (operations.every(({ kind }) => kind === 'put' || kind === 'delete')) return undefined;
  const types = new Map<string, Type>();
  for (const operation of operations) {
    const { key } = operation;
    const type = types.has(key) ? types.get(key) : typeOf(winnerOf(keys.get(key)));
    const error = refusalOf(operation, type, keys);
    if (error !== undefined) return error;
    types.set(key, typeAfter(operation, type));
  }
  return undefined;
}

function refusalOf(operation: Operation, type: Type, keys: Pick<Keyspace, 'get'>): KvcError | undefined {
  const { key, kind } = operation;
  const wanted = typeWantedBy(kind);
  if (wanted === undefined) return undefined;
  if (type !== undefined && type !== wanted) return mismatch(key, type, wanted);
  if (kind === 'increment') return rangeRefusal(key, operation.amount, keys);
  return kind === 'add' ? sizeRefusal(key, operation.member, keys) : undefined;
}

function rangeRefusal(key: string, amount: number, keys: Pick<Keyspace, 'get'>): KvcError | undefined {
  const content = contentsOf(keys.get(key) ?? []).find(({ type }) => type === 'counter');
  const count = content?.type === 'counter' ? content.count : 0;
  if (Number.isSafeInteger(count + amount)) return undefined;
  const message = `${JSON.stringify(key)} is ${count}; with ${amount} more it would not be an exact integer any more`;
  return new KvcError('KVC_E_COUNTER_RANGE', message, { key, count });
}

function sizeRefusal(key: string, member: Uint8Array, keys: Pick<Keyspace, 'get'>): KvcError | undefined {
  const content = contentsOf(keys.get(key) ?? []).find(({ type }) => type === 'set');
  const members = content?.type === 'set' ? content.members : [];
  const bytes = members.reduce((sum, each) => sum + each.length, member.length);
  if (members.length < setMembersMax && bytes <= setBytesMax) return undefined;
  const message = `the set ${JSON.stringify(key)} has ${members.length} members; at most ${setMembersMax}, of ${setBytesMax} bytes together, are allowed`;
  return new KvcError('KVC_E_VALUE_TOO_LARGE', message, { key, limit: setMembersMax });
}

function typeOf(content: Content | undefined): Type {
  return content !== undefined && isLive(content) ? (content.type ?? 'value') : undefined;
}

function typeWantedBy(kind: Operation['kind']): Type {
  if (kind === 'increment') return 'counter';
  return kind === 'add' || kind === 'remove' ? 'set' : undefined;
}

/** Whether an operation does not fit what another one leaves at the same key. */
export function clashes(kind: Operation['kind'], left: Operation['kind']): boolean {
  const wanted = typeWantedBy(kind);
  const type = typeAfter({ kind: left }, undefined);
  return wanted !== undefined && type !== undefined && type !== wanted;
}

function typeAfter({ kind }: Pick<Operation, 'kind'>, type: Type): Type {
  if (kind === 'put') return 'value';
  if (kind === 'increment') return 'counter';
  if (kind === 'add') return 'set';
  return kind === 'delete' ? undefined : type;
}

function mismatch(key: string, type: string, wanted: string): KvcError {
  const message = `${JSON.stringify(key)} holds a ${type}, not a ${wanted}; delete it first, or use another key`;
  return new KvcError('KVC_E_TYPE_MISMATCH', message, { key, type, wanted });
}
