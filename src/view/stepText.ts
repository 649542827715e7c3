import type { LinkJson } from '../cluster/controlApi.js';
import type { StepResponseJson } from '../protocol/faultsApi.js';
import { formatDotJson } from './formatClock.js';
import { linkText } from './faultText.js';

/** `node1 → node3: let through node1:1, node1:2; 3 messages still held` */
export function stepText(step: LinkJson & StepResponseJson): string {
  const rest =
    step.held === 0 ? 'none left' : `${step.held} ${step.held === 1 ? 'message' : 'messages'} still held`;
  const dots = step.released.map(formatDotJson).join(', ');
  return `${linkText(step)}: ${dots === '' ? 'no update waits' : `let through ${dots}`}; ${rest}`;
}
