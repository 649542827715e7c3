// The test of an application that goes on through a partition: `node --test examples/partition.test.js`

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startCluster } from 'kvc/testing';

/** The application: a poll. Votes are counted, voters are remembered, at whichever node the voter reaches. */
function createPoll(store) {
  return {
    vote: (voter, choice) => store.batch().add('poll:voters', [voter]).increment(`poll:${choice}`).commit(),
    result: async () => {
      const [yes, no, voters] = await store.getMany(['poll:yes', 'poll:no', 'poll:voters']);
      return { yes: yes.value ?? 0, no: no.value ?? 0, voters: voters.value ?? [] };
    },
  };
}

let cluster;
let client;
before(async () => {
  cluster = await startCluster({ nodes: 3 });
  client = await cluster.connect();
});
after(async () => {
  await client.close();
  await cluster.close();
});

test('no vote is lost when the cluster falls apart and comes together again', async () => {
  const [first, second, third] = ['node1', 'node2', 'node3'].map((node) =>
    createPoll(client.session('new').at(node)),
  );
  await first.vote('ann', 'yes');

  await cluster.partition(['node1', 'node2'], ['node3']);
  // Each side goes on.
  await second.vote('ben', 'no');
  await third.vote('cem', 'yes');
  const alone = await third.result();
  assert.ok(!alone.voters.includes('ben'), 'node3 knows of what happened on the other side');

  await cluster.heal();
  await cluster.converged();
  for (const poll of [first, second, third]) {
    assert.deepEqual(await poll.result(), { yes: 2, no: 1, voters: ['ann', 'ben', 'cem'] });
  }
});
