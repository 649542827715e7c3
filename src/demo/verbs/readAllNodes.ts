import type { ReadEntryJson } from '../../protocol/api.js';
import { allNodesText } from '../../view/allNodesText.js';
import type { Stage } from '../stage.js';

/** Per node, what it has for the key. */
export type EntryByNode = Readonly<Record<string, ReadEntryJson>>;

/** `kvc read KEY --all-nodes --siblings` */
export async function readAllNodes(stage: Stage, key: string): Promise<EntryByNode> {
  return stage.narration.step(`kvc read ${key} --all-nodes --siblings`, async () => {
    const readings = await Promise.all(stage.cluster.nodes.map(({ name }) => readingOf(stage, name, key)));
    stage.narration.effect(allNodesText(readings, true, Date.now()));
    return byNode(readings);
  });
}

async function readingOf(stage: Stage, node: string, key: string) {
  const { entries, clock } = await stage.client(node).readMany([key]);
  stage.timeline.clock(node, clock);
  return { node, entries, clock, error: null };
}

function byNode(readings: readonly { node: string; entries: readonly ReadEntryJson[] }[]): EntryByNode {
  return Object.fromEntries(readings.flatMap(({ node, entries }) => entries.map((entry) => [node, entry])));
}
