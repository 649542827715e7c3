import { KvcError } from '../errors.js';
import { contentsOf, outlineOf, type ContentType } from './contents.js';
import type { Keyspace } from './state.js';
import { isSetOperation, operationsByKey, type Operation } from './update.js';
import type { Versions } from './versions.js';

/** Members of one set. What replicas add concurrently may go beyond it, each up to so many. */
export const setMembersMax = 16_384;
/** Bytes of all members of one set together. */
export const setBytesMax = 1024 * 1024;

/**
 * Why operations do not fit what their keys hold, each of them applied after those before it; undefined if they do. A counter
 * begins where nothing is, and so does a set. A value may be written over anything. A set has to be within its limits when all
 * operations are done, a counter after each. Judged by what this replica holds: where others write values of another type
 * concurrently, the key has siblings.
 */
export function typeRefusal(
  operations: readonly Operation[],
  keys: Pick<Keyspace, 'get'>,
): KvcError | undefined {
  if (operations.every(({ kind }) => kind === 'put' || kind === 'delete')) return undefined;
  for (const [key, ofKey] of operationsByKey(operations)) {
    const versions = keys.get(key) ?? [];
    const error =
      mismatchRefusal(key, ofKey, versions) ??
      rangeRefusal(key, ofKey, versions) ??
      sizeRefusal(key, ofKey, versions);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Whether an operation does not fit what another one leaves at the same key. */
export function clashes(kind: Operation['kind'], left: Operation['kind']): boolean {
  const wanted = typeWantedBy(kind);
  const type = typeAfter({ kind: left }, undefined);
  return wanted !== undefined && type !== undefined && type !== wanted;
}

function mismatchRefusal(
  key: string,
  operations: readonly Operation[],
  versions: Versions,
): KvcError | undefined {
  let { type } = outlineOf(versions);
  for (const operation of operations) {
    const wanted = typeWantedBy(operation.kind);
    if (wanted !== undefined && type !== undefined && type !== wanted) return mismatch(key, type, wanted);
    type = typeAfter(operation, type);
  }
  return undefined;
}

function rangeRefusal(
  key: string,
  operations: readonly Operation[],
  versions: Versions,
): KvcError | undefined {
  if (!operations.some(({ kind }) => kind === 'increment')) return undefined;
  const content = contentsOf(versions).find(({ type }) => type === 'counter');
  let count = content?.type === 'counter' ? content.count : 0;
  for (const operation of operations) {
    if (operation.kind !== 'increment') count = 0;
    else if (Number.isSafeInteger(count + operation.amount)) count += operation.amount;
    else return outOfRange(key, count, operation.amount);
  }
  return undefined;
}

function outOfRange(key: string, count: number, amount: number): KvcError {
  const message = `${JSON.stringify(key)} is ${count}; with ${amount} more it would not be an exact integer any more`;
  return new KvcError('KVC_E_COUNTER_RANGE', message, { key, count });
}

/** Counts members twice first, where several replicas have added one: only who comes near the limits has to be counted exactly. */
function sizeRefusal(
  key: string,
  operations: readonly Operation[],
  versions: Versions,
): KvcError | undefined {
  const added = operations.flatMap((operation) => (operation.kind === 'add' ? [operation.member] : []));
  if (added.length === 0) return undefined;
  const there = versions.flatMap((version) => (version.kind === 'member' ? [version.member] : []));
  if (isWithinLimits([...there, ...added])) return undefined;
  const members = membersAfter(operations, there);
  if (isWithinLimits(members)) return undefined;
  const message = `the set ${JSON.stringify(key)} would have ${members.length} members; at most ${setMembersMax}, of ${setBytesMax} bytes together, are allowed`;
  return new KvcError('KVC_E_VALUE_TOO_LARGE', message, { key, limit: setMembersMax });
}

function isWithinLimits(members: readonly Uint8Array[]): boolean {
  return (
    members.length <= setMembersMax && members.reduce((sum, { length }) => sum + length, 0) <= setBytesMax
  );
}

function membersAfter(operations: readonly Operation[], there: readonly Uint8Array[]): Uint8Array[] {
  const members = new Map(there.map((member) => [textOf(member), member]));
  for (const operation of operations) {
    if (!isSetOperation(operation)) members.clear();
    else if (operation.kind === 'add') members.set(textOf(operation.member), operation.member);
    else members.delete(textOf(operation.member));
  }
  return [...members.values()];
}

/** Another text for other bytes. */
function textOf(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}

const latin1 = new TextDecoder('latin1');

function typeWantedBy(kind: Operation['kind']): ContentType {
  if (kind === 'increment') return 'counter';
  return kind === 'add' || kind === 'remove' ? 'set' : undefined;
}

function typeAfter({ kind }: Pick<Operation, 'kind'>, type: ContentType): ContentType {
  if (kind === 'put') return 'value';
  if (kind === 'increment') return 'counter';
  if (kind === 'add') return 'set';
  return kind === 'delete' ? undefined : type;
}

function mismatch(key: string, type: string, wanted: string): KvcError {
  const message = `${JSON.stringify(key)} holds a ${type}, not a ${wanted}; delete it first, or use another key`;
  return new KvcError('KVC_E_TYPE_MISMATCH', message, { key, type, wanted });
}
