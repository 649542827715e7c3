// A chat room by watch.
//
// Every message is a key of its own. Who reads the room watches its prefix: messages arrive in an order in which none comes
// before one that its writer had read. The node that Dave watches is killed in the middle; he goes on at another one,
// behind the last message that he got.

import assert from 'node:assert/strict';
import { connect } from 'kvc';
import { startCluster } from 'kvc/testing';

const cluster = await startCluster({ nodes: 3 });
const client = await cluster.connect();
const dave = await connect({ nodes: cluster.urls });
const messages = 30;
try {
  const reading = readRoom(dave, messages);

  // Three people who answer each other: each reads the last message before writing the next one.
  const people = ['alice', 'bob', 'carol'].map((name, index) => ({
    name,
    session: client.session('new').at(`node${index + 1}`),
  }));
  let token = 'new';
  for (let number = 1; number <= messages; number += 1) {
    const { name, session } = people[number % people.length];
    session.advance(token);
    await session.set(`room:lobby:${String(number).padStart(4, '0')}`, { name, text: `message ${number}` });
    token = session.token;
    if (number === 15) {
      await cluster.kill('node1');
      await cluster.restart('node1');
      console.log('node1 was killed and started again');
    }
  }

  const seen = await reading;
  assert.deepEqual(
    seen,
    Array.from({ length: messages }, (_, index) => index + 1),
  );
  console.log(`dave got ${seen.length} messages, every answer after what it answers`);
} finally {
  await dave.close();
  await client.close();
  await cluster.close();
}

/** The numbers of the messages, in the order in which they came. What is sent again after a failure is known by its dot. */
async function readRoom(reader, count) {
  const numbers = [];
  const dots = new Set();
  for await (const event of reader.watch('room:lobby:', { from: 'new' })) {
    if (event.kind === 'gap') numbers.length = 0;
    if (event.kind === 'state') numbers.push(Number(event.entry.key.slice(-4)));
    if (event.kind !== 'change') continue;
    const dot = `${event.dot.node}:${event.dot.counter}`;
    if (dots.has(dot)) continue;
    dots.add(dot);
    for (const { key, value } of event.writes) {
      numbers.push(Number(key.slice(-4)));
      if (numbers.length % 10 === 0) console.log(`  ${value.name}: ${value.text}`);
    }
    if (numbers.length >= count) return numbers;
  }
  return numbers;
}
