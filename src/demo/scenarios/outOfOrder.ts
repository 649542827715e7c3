import type { ReplicateRequestJson } from '../../protocol/replicationApi.js';
import { requireSituation } from '../requireSituation.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { ask, type Values } from '../verbs/ask.js';
import { delay, kill } from '../verbs/faults.js';
import { inspect } from '../verbs/inspect.js';
import { read } from '../verbs/read.js';
import { replicate } from '../verbs/replicate.js';
import { write } from '../verbs/write.js';

const key = 'n';
/** Sorts before every value. */
const nothing = '(none)';

/** Spoken for node2, which is dead by then: for a node that lives, its own next write would bear the same dot. */
const byHand: ReplicateRequestJson = {
  from: 'node2',
  clock: {},
  updates: [
    {
      dot: { node: 'node2', counter: 1 },
      dependencies: { node1: 3 },
      timestamp: 1,
      operations: [{ key: 'm', value: 'by hand' }],
    },
  ],
};

export const outOfOrder: Scenario = {
  name: 'out-of-order',
  title: 'Messages overtake each other, and come twice',
  story:
    'node1 writes n three times. On the way to node3 the first message takes longest and the last one is fastest, so ' +
    'they arrive in the wrong order. Then a message comes twice.',
  fifo: 'holds',

  async play(stage) {
    await overtake(stage);
    await repeat(stage);
  },
};

async function overtake(stage: Stage): Promise<void> {
  const { narration } = stage;
  const watch = stage.watch(async () => {
    const { values } = await ask(stage, { node: 'node3', keys: [key] });
    return values[key] ?? nothing;
  });
  const middleMs = Math.round(stage.slowMs / 150) * 100;
  await delay(stage, 'node1:node3', 2 * middleMs);
  await write(stage, { node: 'node1', key, value: '1', reaches: ['node2'] });
  await delay(stage, 'node1:node3', middleMs);
  await write(stage, { node: 'node1', key, value: '2', reaches: ['node2'] });
  await delay(stage, 'node1:node3', 100);
  await write(stage, { node: 'node1', key, value: '3', reaches: ['node2', 'node3'] });
  await stage.arrival({ node: 'node1', counter: 2 }, 'node3');
  const pending = await inspect(stage, 'node3');
  if (pending.length === 2) await fillGap(stage);
  else requireSituation(!isInOrder(watch.changes), 'the messages did not overtake each other');
  const seen = await watch.stop();
  narration.check(
    'node3 showed nothing before the gap was filled, and never went back',
    pending.length === 2 && seen.changes.join() === [nothing, '3'].join(),
    `n was ${seen.changes.join(', then ')} in ${seen.looks} reads`,
  );
}

async function fillGap(stage: Stage): Promise<void> {
  stage.narration.remark(
    'The last one was there first: its dot, node1:3, told node3 that two were missing before it.',
  );
  const until = (values: Values): boolean => values[key] === '3';
  await read(stage, { node: 'node3', keys: [key], until, tone: () => 'good' });
  stage.narration.remark('node1:1 filled the gap; the two that waited followed it in their order, at once.');
}

function isInOrder(sights: readonly string[]): boolean {
  return sights.every((sight, index) => index === 0 || sight > (sights[index - 1] ?? ''));
}

async function repeat(stage: Stage): Promise<void> {
  const { narration } = stage;
  await kill(stage, 'node2');
  narration.remark('Now speak for the dead: a message as node2 would have sent it, by hand.');
  stage.timeline.name({ node: 'node2', counter: 1 }, 'm=by hand');
  await replicate(stage, 'node3', byHand);
  const once = await countUpdates(stage);
  await replicate(stage, 'node3', byHand, 'again');
  const twice = await countUpdates(stage);
  await read(stage, { node: 'node3', keys: ['m'] });
  narration.remark(
    'A dot names one write for ever: node3 knows node2:1, says so, and does nothing. ' +
      (stage.isCausal
        ? ''
        : 'All of this holds in fifo delivery as well, which keeps the order of each origin.'),
  );
  narration.check(
    'the same message twice changes nothing',
    once === twice,
    `node3 keeps ${once} updates after the first, ${twice} after the second`,
  );
}

/** Updates in the log of node3. */
async function countUpdates(stage: Stage): Promise<number> {
  return (await stage.client('node3').inspect()).log.updates;
}
