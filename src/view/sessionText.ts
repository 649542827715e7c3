import type { ClockJson } from '../protocol/api.js';
import { columns } from './columns.js';
import { formatClock } from './formatClock.js';
import { formatElapsed } from './formatElapsed.js';

interface Session {
  readonly name: string;
  readonly token: string;
  readonly seen: ClockJson;
  readonly updated_at_ms: number;
}

/** `alice has seen {node1:3 node2:1}, last used 12s ago` and its token. */
export function sessionText(session: Session, nowMs: number): string {
  const used = formatElapsed(nowMs - session.updated_at_ms);
  return `${session.name} has seen ${formatClock(session.seen)}, last used ${used} ago\ntoken ${session.token}`;
}

/** A row per session. */
export function sessionsText(sessions: readonly Session[], nowMs: number): string {
  const rows = sessions.map(({ name, seen, updated_at_ms }) => [
    name,
    formatClock(seen),
    `${formatElapsed(nowMs - updated_at_ms)} ago`,
  ]);
  return columns([['SESSION', 'HAS SEEN', 'LAST USED'], ...rows]);
}
