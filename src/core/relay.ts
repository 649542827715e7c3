import { counterOf, type VersionVector } from './clock/versionVector.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';

/** How long each further candidate waits for those before it. */
const relayStepMs = 250;

/** What a replica knows of another one's connections. */
export interface Connections {
  readonly isSilent: boolean;
  /** The nodes it says that it cannot reach. */
  readonly unreached: readonly NodeName[];
}

/** Who is who in the question whether `self` should bring updates of `origin` to `peer`. */
export interface RelayQuestion {
  readonly self: ReplicaId;
  readonly peer: ReplicaId;
  readonly origin: ReplicaId;
  readonly members: readonly ReplicaId[];
  /** Undefined of one that is no member. */
  readonly connections: (replica: ReplicaId) => Connections | undefined;
}

/**
 * How long `self` must see `peer` miss updates of `origin` before it brings them; undefined if it is not to do so at all.
 *
 * An origin ships its updates itself. Others do it where it cannot: it left, it is silent, or it says that it does not reach
 * the peer. Of those who could, one after the other has its turn, in the order of their ids, each only if the peer still
 * misses the updates then. So an update crosses each link once; only a message that is under way when the turn passes on
 * can make it twice.
 */
export function relayWaitMs({ self, peer, origin, members, connections }: RelayQuestion): number | undefined {
  const ofOrigin = connections(origin);
  const serves = ofOrigin !== undefined && !ofOrigin.isSilent && !ofOrigin.unreached.includes(nodeOf(peer));
  if (serves) return undefined;
  const before = members.filter((member) => {
    if (member >= self || member === peer || member === origin) return false;
    const known = connections(member);
    return known !== undefined && !known.isSilent && !known.unreached.includes(nodeOf(peer));
  });
  return before.length * relayStepMs;
}

/** Since when a peer misses certain updates, as far as its acknowledgements tell. */
export class RelayMarks {
  readonly #marks = new Map<ReplicaId, { readonly counter: number; readonly sinceMs: number }>();

  /**
   * True if the peer, by a vector heard at least `waitMs` after this was first asked, still misses what was there then.
   * @param durable - the last update of the origin that could be brought
   */
  isDue(
    origin: ReplicaId,
    waitMs: number,
    peer: { readonly acked: VersionVector; readonly heardAtMs: number },
    durable: number,
    nowMs: number,
  ): boolean {
    if (waitMs === 0) return true;
    const mark = this.#marks.get(origin);
    if (mark === undefined || counterOf(peer.acked, origin) >= mark.counter) {
      this.#marks.set(origin, { counter: durable, sinceMs: nowMs });
      return false;
    }
    return peer.heardAtMs >= mark.sinceMs + waitMs;
  }

  /** What is missed of other origins begins anew when it is asked for again: they serve, or have served meanwhile. */
  keepOnly(origins: readonly ReplicaId[]): void {
    for (const origin of this.#marks.keys()) if (!origins.includes(origin)) this.#marks.delete(origin);
  }
}
