import { requireSituation } from '../requireSituation.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { ask, type Values } from '../verbs/ask.js';
import { delay } from '../verbs/faults.js';
import { inspect } from '../verbs/inspect.js';
import { read } from '../verbs/read.js';
import { write } from '../verbs/write.js';

const keys = ['a', 'b'];
const anomaly = 'b without a';

export const dependentWrite: Scenario = {
  name: 'dependent-write',
  title: 'A write overtakes the write that it depends on',
  story:
    'node2 sees a, then writes b. The link from node1 to node3 is slow, so b gets to node3 before a does. ' +
    'To show b now would be to show an effect without its cause.',
  fifo: 'breaks',

  async play(stage) {
    const { narration } = stage;
    await delay(stage, 'node1:node3', stage.slowMs);
    const watch = stage.watch(async () => sightOf((await ask(stage, { node: 'node3', keys })).values));
    await write(stage, { node: 'node1', key: 'a', value: '1', reaches: ['node2'] });
    await read(stage, { node: 'node2', keys: ['a'] });
    await write(stage, { node: 'node2', key: 'b', value: '2', reaches: ['node1', 'node3'] });
    narration.remark('node2 had delivered node1:1, so b depends on it.');
    const pending = await inspect(stage, 'node3');
    const early = await read(stage, { node: 'node3', keys, tone: toneOf });
    requireSituation(pending.length > 0 || sightOf(early) === anomaly, 'b did not get to node3 before a');
    narration.remark(earlyRemark(early));
    await read(stage, { node: 'node3', keys, until: hasBoth, tone: () => 'good' });
    narration.remark(lateRemark(stage));
    const seen = await watch.stop();
    const offences = seen.count(anomaly);
    narration.check(
      'node3 never showed b without a',
      offences === 0,
      offences === 0
        ? `${seen.looks} snapshot reads`
        : `it did in ${offences} of ${seen.looks} snapshot reads`,
    );
  },
};

function sightOf({ a, b }: Values): string {
  if (b !== null) return a === null ? anomaly : 'both';
  return a === null ? 'neither' : 'a only';
}

function hasBoth(values: Values): boolean {
  return sightOf(values) === 'both';
}

function toneOf(values: Values) {
  return sightOf(values) === anomaly ? 'bad' : 'plain';
}

function earlyRemark(values: Values): string {
  return sightOf(values) === anomaly
    ? 'The effect without its cause. In fifo delivery an update waits for earlier ones of its own origin only.'
    : 'b is at node3, but as long as a is not, nobody can see it.';
}

function lateRemark({ isCausal }: Stage): string {
  return isCausal ? 'a came, and in the same instant b was free.' : 'a came at last, after b.';
}
