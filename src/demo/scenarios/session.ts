import { KvcError } from '../../errors.js';
import { DemoSession } from '../demoSession.js';
import { requireSituation } from '../requireSituation.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import { ask } from '../verbs/ask.js';
import { delay } from '../verbs/faults.js';
import { read, readTooEarly } from '../verbs/read.js';
import { write } from '../verbs/write.js';

const keys = ['cart'];
const refused = 'refused';
const past = 'the past';
const own = 'her write';
const behind = 'node3 was not behind when Alice came';

export const session: Scenario = {
  name: 'session',
  title: 'A client moves to a node that is behind',
  story:
    'Alice puts a book into her cart at node1 and goes on at node3, which has not heard of it yet. Her session token ' +
    'says what she has seen. May node3 show her an empty cart?',
  fifo: 'holds',

  async play(stage) {
    const { narration } = stage;
    const alice = new DemoSession('alice');
    await delay(stage, 'node1:node3', stage.slowMs);
    await write(stage, { node: 'node1', key: 'cart', value: 'book', session: alice, reaches: ['node2'] });
    const watch = stage.watch(() => askWithToken(stage, alice.token));
    const plain = await read(stage, { node: 'node3', keys });
    requireSituation(plain.cart === null, behind);
    narration.remark('Without a session node3 answers with what it has: an answer from the past.');
    const early = await readTooEarly(stage, { node: 'node3', keys, session: alice, timeoutMs: 300 });
    requireSituation(early === 'refused' || early.cart === null, behind);
    narration.remark(
      'With her token node3 waits, and rather says which write it misses than answer from the past.',
    );
    const late = await read(stage, {
      node: 'node3',
      keys,
      session: alice,
      timeoutMs: Math.max(5000, 2 * stage.slowMs),
      tone: () => 'good',
    });
    narration.remark(
      'With time to wait, she gets her write as soon as it is there.' +
        (stage.isCausal
          ? ''
          : ' Sessions hold in fifo delivery too: the node compares her token with its clock.'),
    );
    const seen = await watch.stop();
    narration.check(
      "node3 never answered Alice's session from the past",
      seen.count(past) === 0 && early === 'refused' && late.cart === 'book',
      `${seen.looks} reads with her token: ${seen.count(refused)} refused, ${seen.count(own)} with her book, ` +
        `${seen.count(past)} without`,
    );
  },
};

/** A read with the token and no time to wait. */
async function askWithToken(stage: Stage, token: string): Promise<string> {
  const observer = new DemoSession('observer');
  observer.token = token;
  try {
    const { values } = await ask(stage, { node: 'node3', keys, session: observer, timeoutMs: 0 });
    return values.cart === 'book' ? own : past;
  } catch (error) {
    if (error instanceof KvcError && error.code === 'KVC_E_DEPS_TIMEOUT') return refused;
    throw error;
  }
}
