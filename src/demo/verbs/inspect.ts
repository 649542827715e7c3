import type { PendingJson } from '../../protocol/inspectApi.js';
import { formatClock } from '../../view/formatClock.js';
import { pendingText } from '../../view/inspectText.js';
import type { Stage } from '../stage.js';

/** The part of `kvc inspect` that tells what waits, for what, and why. @returns the updates that wait, oldest first */
export async function inspect(stage: Stage, name: string): Promise<readonly PendingJson[]> {
  return stage.narration.step(`kvc inspect ${name}`, async () => {
    const view = await stage.look();
    const node = view.nodes.find((candidate) => candidate.name === name);
    const facts = node?.inspect ?? null;
    if (node === undefined || facts === null) throw new TypeError(`${name} is down and cannot be inspected`);
    const { state } = node;
    stage.narration.effect(`${name}  ${state}  clock ${formatClock(facts.clock)}  keys ${facts.keys}`);
    const label = `pending (${facts.pending_total})  `;
    const texts = facts.pending.map((pending) => pendingText(node, pending, view));
    stage.narration.effect(
      label + texts.join(`\n${' '.repeat(label.length)}`),
      texts.length > 0 ? 'wait' : 'plain',
    );
    return facts.pending;
  });
}
