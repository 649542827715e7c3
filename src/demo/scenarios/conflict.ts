import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { heal, holdAll } from '../verbs/faults.js';
import { readAllNodes, type EntryByNode } from '../verbs/readAllNodes.js';
import { write } from '../verbs/write.js';

const key = 'color';
/** The two that meet. */
const writes = [
  { node: 'node1', counter: 1 },
  { node: 'node2', counter: 1 },
];

export const conflict: Scenario = {
  name: 'conflict',
  title: 'Two nodes write one key, neither knowing',
  story:
    'All links are cut. node1 and node2 go on taking writes, as every node always does. When the links are back, all ' +
    'nodes must agree, and no value may be lost in silence.',
  fifo: 'holds',

  async play(stage) {
    await diverge(stage);
    await heal(stage, { reachesAll: writes });
    await agree(stage);
    await resolve(stage);
  },
};

async function diverge(stage: Stage): Promise<void> {
  await holdAll(stage);
  await write(stage, { node: 'node1', key, value: 'red', label: 'red', reaches: [] });
  await write(stage, { node: 'node2', key, value: 'blue', label: 'blue', reaches: [] });
  stage.narration.remark('Neither clock covers the other: the writes are concurrent.');
  await readAllNodes(stage, key);
}

async function agree(stage: Stage): Promise<void> {
  const { narration } = stage;
  const entries = await readAllNodes(stage, key);
  narration.remark(
    'Both values are kept. The winner, which a plain read returns, is the one with the later timestamp, and the greater ' +
      'node name where these are equal: the same everywhere, whatever came first.',
  );
  const winners = distinct(entries, ({ value }) => value);
  narration.check(
    'all nodes chose the same winner',
    winners.length === 1,
    `${winners.join(', ')} at 3 nodes`,
  );
  const kept = distinct(entries, ({ value, siblings }) =>
    [value, ...siblings.map((each) => each.value)].sort().join(' and '),
  );
  narration.check(
    'every node kept both values',
    kept.join() === 'blue and red',
    `${kept.join('; ')} at 3 nodes`,
  );
}

async function resolve(stage: Stage): Promise<void> {
  const { narration } = stage;
  await write(stage, { node: 'node3', key, value: 'violet', label: 'violet', reaches: ['node1', 'node2'] });
  narration.remark(
    'node3 had delivered both, so its write depends on both and replaces both.' +
      (stage.isCausal ? '' : ' Conflicts are found and settled by dots, in fifo delivery too.'),
  );
  const entries = await readAllNodes(stage, key);
  const left = distinct(
    entries,
    ({ value, siblings }) => `${value ?? 'nothing'} with ${siblings.length} siblings`,
  );
  narration.check(
    'the next write resolved the conflict everywhere',
    left.join() === 'violet with 0 siblings',
    `${left.join('; ')} at 3 nodes`,
  );
}

type Entry = EntryByNode[string];

function distinct(entries: EntryByNode, facet: (entry: Entry) => string | null): (string | null)[] {
  return [...new Set(Object.values(entries).map(facet))];
}
