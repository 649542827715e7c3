import { DemoSession } from '../demoSession.js';
import { requireSituation } from '../requireSituation.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { ask, type Values } from '../verbs/ask.js';
import { delay } from '../verbs/faults.js';
import { inspect } from '../verbs/inspect.js';
import { read } from '../verbs/read.js';
import { write } from '../verbs/write.js';

const [gone, found, reply] = ['alice:1', 'alice:2', 'bob:1'] as const;
const keys = [gone, found, reply];
const anomaly = 'the reply without the good news';

/** After the example in Lloyd et al., "Don't Settle for Eventual" (COPS), SOSP 2011. */
export const lostRing: Scenario = {
  name: 'lost-ring',
  title: 'A reply overtakes the post that it replies to',
  story:
    'Alice posts that her ring is gone, then that she has found it. Bob reads both and is glad. Were Carol to see his ' +
    'reply before the good news, Bob would seem to be glad of the loss.',
  fifo: 'breaks',

  async play(stage) {
    const { narration } = stage;
    const watch = stage.watch(carolLooking(stage));
    await post(stage);
    const pending = await inspect(stage, 'node3');
    const carol = new DemoSession('carol');
    const early = await readAs(carol, stage, () => true);
    requireSituation(pending.length > 0 || isAnomaly(early), "Bob's reply did not get to node3 first");
    narration.remark(earlyRemark(early));
    await readAs(carol, stage, (values) => keys.every((key) => values[key] !== null));
    narration.remark(stage.isCausal ? 'The good news, and the reply to it.' : 'The good news, too late.');
    const seen = await watch.stop();
    const offences = seen.count(anomaly);
    narration.check(
      'Carol never saw the reply without the post that it replies to',
      offences === 0,
      offences === 0
        ? `${seen.looks} snapshot reads`
        : `she did in ${offences} of ${seen.looks} snapshot reads`,
    );
  },
};

async function post(stage: Stage): Promise<void> {
  const [alice, bob] = [new DemoSession('alice'), new DemoSession('bob')];
  const posting = { node: 'node1', session: alice };
  const [lost, back, glad] = ['my ring is gone', 'found it!', 'so glad!'];
  await write(stage, {
    ...posting,
    key: gone,
    value: lost,
    label: 'ring is gone',
    reaches: ['node2', 'node3'],
  });
  await delay(stage, 'node1:node3', stage.slowMs);
  await write(stage, { ...posting, key: found, value: back, label: back, reaches: ['node2'] });
  await read(stage, { node: 'node2', session: bob, keys: [gone, found], label: () => 'both' });
  await write(stage, {
    node: 'node2',
    session: bob,
    key: reply,
    value: glad,
    label: glad,
    reaches: ['node1', 'node3'],
  });
  stage.narration.remark("Bob's reply depends on what Bob has seen: on Alice's posts, node1:1 and node1:2.");
}

function readAs(session: DemoSession, stage: Stage, until: (values: Values) => boolean): Promise<Values> {
  return read(stage, {
    node: 'node3',
    session,
    keys,
    until,
    tone: (values) => (isAnomaly(values) ? 'bad' : 'plain'),
    label: (values) =>
      ['gone', 'found', 'glad'].filter((_word, index) => values[keys[index] ?? ''] !== null).join(', '),
  });
}

/** Carol reads on and on at node3, in a session of its own: two clients cannot pass one token on at the same time. */
function carolLooking(stage: Stage): () => Promise<string> {
  const session = new DemoSession('carol');
  return async () => {
    const { values } = await ask(stage, { node: 'node3', keys, session });
    return isAnomaly(values) ? anomaly : 'all in order';
  };
}

function isAnomaly(values: Values): boolean {
  return values[reply] !== null && values[found] === null;
}

function earlyRemark(values: Values): string {
  return isAnomaly(values)
    ? 'Her ring is gone, and Bob is glad: in fifo delivery the reply does not wait for the post.'
    : "Bob's reply is at node3, but Carol is not to see it yet.";
}
