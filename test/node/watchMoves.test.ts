import { expect, it, onTestFinished } from 'vitest';
import { NodeWatch } from '../../src/client/watchNode.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { TestNodes } from '../support/testNodes.js';
import { testSeed } from '../support/testSeed.js';

const writes = 80;

it(`a watcher that moves between nodes sees the writes of a session that moves, too, in their order, each once (KVC_TEST_SEED=${testSeed})`, async () => {
  const nodes = await TestNodes.start();
  onTestFinished(() => nodes.stop());
  for (const node of nodes.nodes) {
    const peers = nodes.nodes.filter((peer) => peer !== node);
    await node.addFaults(
      peers.flatMap(({ name: target }) => [
        { kind: 'delay', target, delay_ms: 10, jitter_ms: 10 },
        { kind: 'drop', target, percent: 10 },
      ]),
    );
  }
  const random = new SeededRandom(testSeed);
  const pick = () => random.pick(nodes.nodes);
  const watchOnTheMove = async (): Promise<string[]> => {
    const seen: string[] = [];
    let from: string | undefined = 'new';
    while (seen.length < writes) {
      const watch: NodeWatch = new NodeWatch(pick(), { prefix: 'k', from });
      let left = random.between(1, 20);
      for await (const event of watch.events()) {
        if (event.kind === 'change') seen.push(...event.data.writes.map(({ key }) => key));
        left -= 1;
        if (left === 0 || seen.length >= writes) break;
      }
      from = watch.cursor;
    }
    return seen;
  };
  const watching = Promise.all([1, 2, 3, 4].map(watchOnTheMove));
  const expected: string[] = [];
  let session = 'new';
  for (let n = 0; n < writes; n += 1) {
    expected.push(`k${n}`);
    ({ session } = await pick().client.write(`k${n}`, 'x', { session }));
    // What is concurrent with them and not asked for.
    await pick().client.write(`other${n}`, 'x');
  }
  for (const seen of await watching) expect(seen).toEqual(expected);
});
