import type { Operation } from '../core/update.js';

/** What a client asks to be done to one key: an operation that says how long its value lives, not yet until when. */
export type ClientOperation =
  | Exclude<Operation, { kind: 'put' | 'expire' }>
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: Uint8Array;
      readonly ttlMs?: number;
    };

/** @param nowMs - when the node received it, by its clock */
export function operationAt(operation: ClientOperation, nowMs: number): Operation {
  if (operation.kind !== 'put' || operation.ttlMs === undefined) return operation;
  const { kind, key, value, ttlMs } = operation;
  return { kind, key, value, expiresMs: Math.ceil(nowMs + ttlMs) };
}
