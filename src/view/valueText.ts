import type { ContentJson, ValueJson } from '../protocol/api.js';
import { formatElapsed } from './formatElapsed.js';
import { printable } from './printable.js';

type Stored = Omit<ContentJson, 'expires_at_ms'>;

/** A value on one line; `(none)` where there is none, `(empty)` for the empty one; a set as `{a, b}`. */
export function valueText({ value, encoding, members }: Stored): string {
  if (members !== undefined) return setText(members);
  if (value === null) return '(none)';
  if (value === '') return '(empty)';
  return encoding === undefined ? printable(value) : `${value} (base64)`;
}

/** `{a, b}`; a member that could be taken for several, or for none, is in quotes. */
function setText(members: readonly ValueJson[]): string {
  return `{${members.map(memberText).join(', ')}}`;
}

/** `1   expires in 28s`: a value, and what is left of its time if it has one. */
export function lastingText(stored: ContentJson, nowMs: number): string {
  const lifetime = lifetimeText(stored, nowMs);
  return lifetime === '' ? valueText(stored) : `${valueText(stored)}   ${lifetime}`;
}

/** `expires in 28s`; empty where it does not. */
export function lifetimeText(
  { expires_at_ms: atMs }: Pick<ContentJson, 'expires_at_ms'>,
  nowMs: number,
): string {
  if (atMs === undefined) return '';
  return atMs > nowMs ? `expires in ${formatElapsed(atMs - nowMs)}` : 'expires now';
}

function memberText({ value, encoding }: ValueJson): string {
  if (encoding !== undefined) return `${value} (base64)`;
  return /^[^\s,{}"()]+$/u.test(value) ? printable(value) : printable(JSON.stringify(value));
}
