import type { FaultJson } from '../cluster/controlApi.js';
import { scopeText } from './faultText.js';

/** Which faults a command ended, and which of them still act on other links. */
export function clearedText(change: {
  readonly cleared: readonly FaultJson[];
  readonly faults: readonly FaultJson[];
}): string {
  if (change.cleared.length === 0) return 'Nothing to clear: no such fault stands';
  return change.cleared
    .map((fault) => {
      const isLeft = change.faults.some(({ id }) => id === fault.id);
      const what = `fault ${fault.id} (${scopeText(fault)})`;
      return isLeft ? `${what} cleared in part; see: kvc faults` : `${what} cleared`;
    })
    .join('\n');
}
