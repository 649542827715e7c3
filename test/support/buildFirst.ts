import { buildIfStale } from '../../bench/processes/build.js';

/** Runs once before the tests of the built program. */
export default function buildFirst(): void {
  buildIfStale();
}
