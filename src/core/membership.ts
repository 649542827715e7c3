import type { VersionVector } from './clock/versionVector.js';
import type { ReplicaId } from './ids.js';
import type { Update } from './update.js';

/**
 * The first replica that a message names and that is no member. An update that depends on one would wait for ever, and all
 * later ones behind it.
 */
export function firstStranger(
  members: ReadonlySet<ReplicaId>,
  message: { readonly from: ReplicaId; readonly clock: VersionVector; readonly updates: readonly Update[] },
): ReplicaId | undefined {
  if (!members.has(message.from)) return message.from;
  for (const replica of message.clock.keys()) if (!members.has(replica)) return replica;
  for (const { dot, dependencies } of message.updates) {
    if (!members.has(dot.replica)) return dot.replica;
    for (const replica of dependencies.keys()) if (!members.has(replica)) return replica;
  }
  return undefined;
}
