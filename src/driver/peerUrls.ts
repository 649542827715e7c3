import { nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import type { Membership } from '../core/membership.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';

/** Other nodes listen here and nowhere else, whatever a message says. */
const addressPattern = /^127\.0\.0\.1:[1-9][0-9]{0,4}$/;

/** Where the peers listen, live: those that the supervisor named, then those that have joined since. */
export class PeerUrls {
  readonly #urls = new Map<NodeName, string>();
  readonly #configured: ReadonlyMap<NodeName, string>;
  readonly #self: NodeName;
  #membership: Membership | undefined;
  #version = -1;
  /** Members as this process found them: where they listen, the supervisor knew better. */
  #found: ReadonlySet<ReplicaId> | undefined;

  constructor({ members, self }: Pick<NodeConfig, 'members' | 'self'>) {
    this.#self = self;
    this.#configured = new Map(members.map(({ name, port }) => [name, `http://127.0.0.1:${port}`]));
    for (const [name, url] of this.#configured) if (name !== self) this.#urls.set(name, url);
  }

  /** By name, without this node. It changes as nodes come and go. */
  get urls(): ReadonlyMap<NodeName, string> {
    return this.#urls;
  }

  /** To be called whenever the membership may have changed. */
  follow(membership: Membership): void {
    if (membership === this.#membership && membership.version === this.#version) return;
    this.#membership = membership;
    this.#version = membership.version;
    this.#found ??= new Set(membership.current);
    this.#urls.clear();
    for (const replica of membership.current) {
      const name = nodeOf(replica);
      const url = this.#urlOf(replica, membership.get(replica)?.address ?? null);
      if (name !== this.#self && url !== undefined) this.#urls.set(name, url);
    }
  }

  /** Who joins later than this process started says itself where it listens. */
  #urlOf(replica: ReplicaId, address: string | null): string | undefined {
    const configured = this.#configured.get(nodeOf(replica));
    const said = address !== null && addressPattern.test(address) ? `http://${address}` : undefined;
    return this.#found?.has(replica) ? (configured ?? said) : (said ?? configured);
  }
}
