import type { Content } from '../core/contents.js';
import { msOfTimestamp } from '../core/clock/hybridClock.js';
import type { ReplicaId } from '../core/ids.js';
import type { Operation, Update } from '../core/update.js';
import type { KvcError } from '../errors.js';
import { entryFields } from './answerText.js';
import { encodeDot } from './clockJson.js';
import { encodeError } from './errorJson.js';
import { encodeValue } from './valueJson.js';
import type { WatchChangeJson, WatchedWriteJson, WatchGapJson, WatchReadyJson } from './watchApi.js';

/*
 * The events of a watch as server-sent events: the fields `event`, `id` where there is a cursor, and `data`, which is JSON on
 * one line, for JSON text has no line ends in it.
 */

/** `event: change`. @param writes - those of the update that the watch is about; see `watchedWrites` */
export function changeEvent(
  { dot, timestamp }: Pick<Update, 'dot' | 'timestamp'>,
  writes: readonly WatchedWriteJson[],
  { session, cursor }: WatchReadyJson,
): string {
  const change: WatchChangeJson = {
    dot: encodeDot(dot),
    writes,
    time_ms: msOfTimestamp(timestamp),
    session,
    cursor,
  };
  return event('change', JSON.stringify(change), cursor);
}

/** The writes of an update whose key has the prefix, in their order. */
export function watchedWrites(
  { operations }: Pick<Update, 'operations'>,
  prefix: string,
): WatchedWriteJson[] {
  return operations.filter(({ key }) => key.startsWith(prefix)).map(encodeWrite);
}

/** `event: gap`. It has no id: until the `ready` that ends it, a watch that goes on from the last id begins with it again. */
export function gapEvent(missed: ReadonlyMap<ReplicaId, readonly [number, number]>): string {
  const gap: WatchGapJson = { missed: Object.fromEntries(missed) };
  return event('gap', JSON.stringify(gap));
}

/** `event: state` */
export function stateEvent(key: string, contents: readonly Content[]): string {
  return event('state', `{${entryFields(key, contents)}}`);
}

/** `event: ready` */
export function readyEvent(ready: WatchReadyJson): string {
  return event('ready', JSON.stringify(ready), ready.cursor);
}

/** `event: error`: the last one of a watch that its node ends. */
export function errorEvent(error: KvcError): string {
  return event('error', JSON.stringify(encodeError(error)));
}

/**
 * A comment, so that either side notices when the other has gone, and the cursor: a watch that has seen nothing of its
 * prefix for long need not begin far back. Without data it is no event.
 */
export function ping(cursor: string): string {
  return `: ping\nid: ${cursor}\n\n`;
}

function event(type: string, data: string, id?: string): string {
  return `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

function encodeWrite(operation: Operation): WatchedWriteJson {
  const { key } = operation;
  switch (operation.kind) {
    case 'put':
      return { key, kind: 'put', ...encodeValue(operation.value), ...expiryOf(operation.expiresMs) };
    case 'delete':
      return { key, kind: 'delete' };
    case 'increment':
      return { key, kind: 'increment', amount: operation.amount };
    case 'add':
    case 'remove':
      return { key, kind: operation.kind, ...encodeValue(operation.member) };
    case 'expire':
      return { key, kind: 'expire', expired: encodeDot(operation.dot) };
  }
}

function expiryOf(expiresMs: number | undefined): { readonly expires_at_ms?: number } {
  return expiresMs === undefined ? {} : { expires_at_ms: expiresMs };
}
