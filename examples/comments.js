// Comments and replies across regions.
//
// Three nodes, one for each region; a slow link from Europe to Asia. Alice asks in Europe, Bob reads that in America and
// answers there. His answer reaches Asia long before the question does. Carol, who reads in Asia, must not see an answer
// to a question that is not there.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from 'kvc/testing';

const cluster = await startCluster({ nodes: 3 });
const client = await cluster.connect();
try {
  const [europe, america, asia] = ['node1', 'node2', 'node3'];
  await cluster.delay(`${europe}:${asia}`, '1s');

  // Everybody is a causal session of their own.
  const alice = client.session('new').at(europe);
  const bob = client.session('new').at(america);
  const carol = client.session('new').at(asia);

  await alice.set('post:1', { by: 'alice', text: 'Does anybody have a spare vector clock?' });
  console.log('alice asks in Europe');

  // Bob waits until the question is there, and answers it: his write depends on what his session has read.
  let question = await bob.get('post:1');
  for (let tries = 0; question.value === undefined && tries < 500; tries += 1) {
    await sleep(10);
    question = await bob.get('post:1');
  }
  await bob.set('post:1:reply:1', { by: 'bob', text: 'Take mine, I use dots now.' });
  console.log('bob answers in America');

  // Carol looks again and again. At first she sees nothing, although the answer has reached her region; then both.
  let sawNothing = 0;
  for (;;) {
    const [post, reply] = await carol.getMany(['post:1', 'post:1:reply:1']);
    if (reply?.value !== undefined) {
      assert.notEqual(post?.value, undefined, 'an answer without its question');
      break;
    }
    sawNothing += 1;
    assert(sawNothing < 1000);
    await sleep(10);
  }
  console.log(`carol looked ${sawNothing} times in Asia before she saw both at once`);
  assert(sawNothing > 0);
} finally {
  await client.close();
  await cluster.close();
}
