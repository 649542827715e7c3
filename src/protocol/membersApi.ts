import type { ClockJson } from './api.js';

/** The JSON of who belongs to the cluster. */

/** POST /members/leave: the node hands its data on and leaves; it is to be stopped afterwards. */
export interface LeaveResponseJson {
  readonly node: string;
  readonly replica: string;
  /** The nodes that have all of its updates, made durable. */
  readonly handed_on_to: readonly string[];
}

/** POST /members/remove {node}: removes a node that is dead, or is to be treated as such. */
export interface RemoveMemberResponseJson {
  readonly node: string;
  /** Per replica id of the node: up to which of its updates the remaining nodes that could be heard have them. */
  readonly held: ClockJson;
}

/** GET /members */
export interface MembersResponseJson {
  readonly node: string;
  readonly members: readonly MemberJson[];
}

/** A replica that belongs, or belonged, to the cluster. */
export interface MemberJson {
  readonly replica: string;
  readonly node: string;
  /** leaving: it has left, and some member may not know yet. */
  readonly state: 'member' | 'leaving' | 'left';
  /** How many updates it has in all; null for a member. */
  readonly final: number | null;
}
