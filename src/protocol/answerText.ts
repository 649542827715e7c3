import type { Content } from '../core/contents.js';
import type { Dot } from '../core/clock/dot.js';
import type { VersionVector } from '../core/clock/versionVector.js';
import type { Operation } from '../core/update.js';
import type { RegisterVersion } from '../core/versions.js';
import { clockText } from './clockJson.js';
import { contentFields, encodeContent, encodeValue } from './valueJson.js';

/*
 * The JSON text of what most requests are answered with, put together by hand. JSON.stringify of objects that were spread
 * into one another took 2.5 us of the 18 that a read takes, and this takes 0.4. Each function gives the fields of an
 * object without its braces. The test holds them to the shapes of api.ts.
 */

/** ReadResponseJson, ReadManyResponseJson: what was read, then what the node has delivered and the session has seen. */
export function readText(fields: string, clock: VersionVector, session: string): string {
  return `{${fields},"clock":${clockText(clock)},"session":"${session}"}`;
}

/** WriteResponseJson, BatchResponseJson. */
export function writeText(fields: string, dot: Dot, clock: VersionVector, session: string): string {
  return readText(`${fields},"dot":${dotText(dot)}`, clock, session);
}

/** The fields of a ReadEntryJson. */
export function entryFields(key: string, contents: readonly Content[]): string {
  const winner = contents[0];
  if (winner === undefined) return `"key":${JSON.stringify(key)},"value":null,"dot":null,"siblings":[]`;
  const siblings = contents.length === 1 ? '[]' : JSON.stringify(contents.slice(1).map(encodeContent));
  return `${contentText(key, winner)},"dot":${dotText(winner.dot)},"siblings":${siblings}`;
}

/**
 * The fields of a WrittenJson: what an operation left at its key.
 * @param contents - what the key holds at the node then: a counter or set is told as a whole
 */
export function writtenFields(operation: Operation, contents: readonly Content[]): string {
  const { key, kind } = operation;
  if (kind === 'put') return contentText(key, operation);
  const type = kind === 'increment' ? 'counter' : 'set';
  const merged = kind === 'delete' ? undefined : contents.find((content) => content.type === type);
  return merged === undefined ? valueText(key, null) : contentText(key, merged);
}

/** The same of a set that is not told: see BatchWrittenJson. */
export function keyField(key: string): string {
  return `"key":${JSON.stringify(key)}`;
}

/** Most values do not expire, and their text is put together by hand. */
function contentText(key: string, content: Pick<RegisterVersion, 'value' | 'expiresMs'> | Content): string {
  const isPlain = 'value' in content && content.expiresMs === undefined;
  if (isPlain) return valueText(key, content.value);
  const rest = JSON.stringify(contentFields(content as Content));
  return `${keyField(key)},${rest.slice(1, -1)}`;
}

function valueText(key: string, bytes: Uint8Array | null): string {
  if (bytes === null) return `${keyField(key)},"value":null`;
  const { value, encoding } = encodeValue(bytes);
  const fields = `${keyField(key)},"value":${JSON.stringify(value)}`;
  return encoding === undefined ? fields : `${fields},"encoding":"${encoding}"`;
}

/** Names need no escaping (names.ts). */
function dotText({ replica, counter }: Dot): string {
  return `{"node":"${replica}","counter":${counter}}`;
}
