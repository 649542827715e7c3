import type { SessionRecord } from '../cluster/sessionStore.js';
import type { ClockJson } from '../protocol/api.js';
import { encodeClock } from '../protocol/clockJson.js';
import { decodeToken } from '../protocol/sessionToken.js';

/** A stored session, and what it has seen in readable form. */
export type SessionView = SessionRecord & { readonly seen: ClockJson };

export function sessionView(record: SessionRecord): SessionView {
  return { ...record, seen: encodeClock(decodeToken(record.token).context) };
}
