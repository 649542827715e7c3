import type { FaultJson } from '../cluster/controlApi.js';
import { clearedText } from './clearedText.js';
import { faultText } from './faultText.js';

/** What a command did that makes a fault or, given "off", ends some. */
export function faultChangeText(
  change: FaultJson | Parameters<typeof clearedText>[0],
  nowMs: number,
): string {
  return 'cleared' in change ? clearedText(change) : faultText(change, nowMs);
}
