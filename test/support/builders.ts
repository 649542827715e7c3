import type { Dot } from '../../src/core/clock/dot.js';
import type { VersionVector } from '../../src/core/clock/versionVector.js';
import type { NodeName, ReplicaId } from '../../src/core/ids.js';
import type { Version } from '../../src/core/versions.js';
import type { MemberChange, Operation, RequestId, Update } from '../../src/core/update.js';

/** Short spellings of the core's values, so that a test shows what it is about and little else. */

export function id(name: string): ReplicaId {
  return name as ReplicaId;
}

export function nodeName(name: string): NodeName {
  return name as NodeName;
}

/** `vector({ a: 2 })` */
export function vector(counters: Readonly<Record<string, number>> = {}): VersionVector {
  return new Map(Object.entries(counters).map(([replica, counter]) => [id(replica), counter]));
}

/** `dot('a:2')` */
export function dot(text: string): Dot {
  const [replica = '', counter = ''] = text.split(':');
  return { replica: id(replica), counter: Number(counter) };
}

export function put(key: string, value: string): Operation {
  return { kind: 'put', key, value: new TextEncoder().encode(value) };
}

export function remove(key: string): Operation {
  return { kind: 'delete', key };
}

export interface UpdateParts {
  readonly after?: Readonly<Record<string, number>>;
  readonly at?: number;
  readonly do?: readonly Operation[];
  readonly request?: RequestId;
  /** Makes it an update without operations. */
  readonly changes?: readonly MemberChange[];
}

export function join(replica: string): MemberChange {
  return { kind: 'join', replica: id(replica), address: `at ${replica}` };
}

export function leave(replica: string): MemberChange {
  return { kind: 'leave', replica: id(replica) };
}

export function close(replica: string, counter: number): MemberChange {
  return { kind: 'close', replica: id(replica), counter };
}

/** `update('a:2', { after: { b: 1 }, do: [put('x', '1')] })`; by default it puts its dot at the key `k`. */
export function update(name: string, parts: UpdateParts = {}): Update {
  return {
    dot: dot(name),
    dependencies: vector(parts.after),
    timestamp: parts.at ?? 1,
    operations: parts.do ?? (parts.changes === undefined ? [put('k', name)] : []),
    ...(parts.request === undefined ? {} : { request: parts.request }),
    ...(parts.changes === undefined ? {} : { memberChanges: parts.changes }),
  };
}

export function textOf(value: Uint8Array | null | undefined): string | null {
  return value === null || value === undefined ? null : new TextDecoder().decode(value);
}

/** The value of a version, which is no part of a counter or set. */
export function valueOf(version: Version | undefined): Uint8Array | null | undefined {
  return version?.kind === undefined ? version?.value : undefined;
}
