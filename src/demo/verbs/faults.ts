import type { AddFaultJson } from '../../cluster/controlApi.js';
import type { DotJson } from '../../protocol/api.js';
import { faultText } from '../../view/faultText.js';
import { formatDuration } from '../../view/formatDuration.js';
import { shortName } from '../../cluster/nodeNames.js';
import type { Stage } from '../stage.js';

/** @param link - `node1:node3` */
export async function delay(stage: Stage, link: string, delayMs: number): Promise<void> {
  const effect = { kind: 'delay', delay_ms: delayMs, jitter_ms: 0 } as const;
  await addFault(stage, `kvc delay ${link} ${formatDuration(delayMs)}`, link, effect);
}

/** Every link keeps its messages until it is healed. */
export async function holdAll(stage: Stage): Promise<void> {
  await addFault(stage, 'kvc hold all', 'all', { kind: 'hold' });
}

/** @param story - reachesAll: updates that are to have reached every node before the story goes on */
export async function heal(stage: Stage, story: { readonly reachesAll: readonly DotJson[] }): Promise<void> {
  await stage.narration.step('kvc heal', async () => {
    const { cleared } = await stage.cluster.supervisor.faults.clear({});
    stage.narration.effect(`cleared ${cleared.join(', ')}; what was held goes on its way`);
    for (const dot of story.reachesAll) {
      for (const { name } of stage.cluster.nodes) await stage.arrival(dot, name);
    }
  });
}

export async function kill(stage: Stage, node: string): Promise<void> {
  await stage.narration.step(`kvc kill ${shortName(node)}`, async () => {
    await stage.cluster.supervisor.node(node).kill();
    stage.narration.effect(`${node} is killed`);
  });
}

async function addFault(
  stage: Stage,
  command: string,
  target: string,
  effect:
    Pick<Extract<AddFaultJson, { kind: 'delay' }>, 'kind' | 'delay_ms' | 'jitter_ms'> | { kind: 'hold' },
): Promise<void> {
  await stage.narration.step(command, async () => {
    const fault = await stage.cluster.supervisor.faults.add({ target, both: false, for_ms: null, ...effect });
    stage.narration.effect(faultText(fault, Date.now()));
  });
}
