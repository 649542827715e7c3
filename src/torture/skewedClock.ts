/**
 * Preloaded into a node (`--import THIS?file=PATH`): gives it a wall clock that is wrong by as many ms as the file says,
 * and follows the file while the node runs. The node itself knows nothing of it, as it would not of a wrong clock.
 */
import { readFileSync } from 'node:fs';

const path = new URL(import.meta.url).searchParams.get('file') ?? '';
const RealDate = Date;
let skewMs = readSkew();

/** How long a step of the clock may take to be noticed. */
const followMs = 100;
setInterval(() => (skewMs = readSkew()), followMs).unref();

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
function readSkew(): number {
  try {
    const wrongBy = Number(readFileSync(path, 'utf8'));
    return Number.isFinite(wrongBy) ? wrongBy : skewMs;
  } catch {
    return skewMs;
  }
}
