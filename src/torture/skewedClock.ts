/**
 * Preloaded into a node (`--import THIS?file=PATH`): gives it a wall clock that is wrong by as many ms as the file says,
 * and follows the file while the node runs. The node itself knows nothing of it, as it would not of a wrong clock. What it
 * follows stands in PATH.followed: a node that is set back does not show it, for its own time never goes back.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL(import.meta.url).searchParams.get('file') ?? '';
const RealDate = Date;
let skewMs = 0;

/** How long a step of the clock may take to be noticed. */
const followMs = 100;
follow();
setInterval(follow, followMs).unref();

globalThis.Date = new Proxy(RealDate, {
  construct(target, parameters: unknown[], newTarget) {
    const from = parameters.length === 0 ? [now()] : parameters;
    return Reflect.construct(target, from, newTarget) as Date;
  },
  get(target, name, receiver) {
    return name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown);
  },
});

function now(): number {
  return RealDate.now() + skewMs;
}

/** A file that is not there, or only half written, changes nothing. */
function follow(): void {
  try {
    const wrongBy = Number(readFileSync(path, 'utf8'));
    if (!Number.isFinite(wrongBy) || wrongBy === skewMs) return;
    skewMs = wrongBy;
    writeFileSync(`${path}.followed`, String(skewMs));
  } catch {
    // It is not there yet, or not any more.
  }
}
