import type { FaultJson } from '../cluster/controlApi.js';
import { clearedText } from '../view/clearedText.js';
import { faultText, undoCommand } from '../view/faultText.js';
import type { FaultChange } from './changeFaults.js';
import { remedyFor } from './clusterFlag.js';

/** What a command says of the fault that it made, and how to undo it. */
export function renderFault(fault: FaultJson, nowMs: number, cluster: string): string {
  return `${faultText(fault, nowMs)}; undo: ${remedyFor(cluster, undoCommand(fault))}`;
}

/** What a command did that makes a fault or, given "off", ends some. */
export function renderFaultChange(change: FaultChange, nowMs: number, cluster: string): string {
  return 'cleared' in change ? clearedText(change) : renderFault(change, nowMs, cluster);
}
