// A shopping cart that two devices change while they are cut off from each other.
//
// Two ways: a cart that is one value, whose siblings the application merges; and a cart that is a set of articles with a
// counter for each, which merge by themselves.

import assert from 'node:assert/strict';
import { startCluster } from 'kvc/testing';

const cluster = await startCluster({ nodes: 2 });
const client = await cluster.connect();
try {
  const phone = client.session('new').at('node1');
  const laptop = client.session('new').at('node2');

  await phone.set('cart:alice', { tea: 1 });
  await phone.increment('cart:bob:tea');
  await phone.add('cart:bob', ['tea']);
  await cluster.converged();
  await laptop.get('cart:alice');

  // The train enters a tunnel. Both devices go on.
  await cluster.partition(['node1'], ['node2']);
  await phone.set('cart:alice', { ...(await phone.get('cart:alice')).value, milk: 2 });
  await laptop.set('cart:alice', { ...(await laptop.get('cart:alice')).value, cake: 1 });
  await phone.batch().add('cart:bob', ['milk']).increment('cart:bob:milk', 2).commit();
  await laptop
    .batch()
    .add('cart:bob', ['cake'])
    .increment('cart:bob:cake')
    .increment('cart:bob:tea')
    .commit();
  await cluster.heal();
  await cluster.converged();

  // One value: both writes are there, and neither has won for good. The application knows what a cart is.
  const conflict = await phone.get('cart:alice');
  console.log(
    'the cart of alice is',
    conflict.value,
    'and beside it',
    conflict.siblings.map(({ value }) => value),
  );
  assert.equal(conflict.siblings.length, 1);
  const resolved = await phone.resolve('cart:alice', (versions) =>
    Object.assign({}, ...versions.map(({ value }) => value)),
  );
  console.log('merged by the application:', resolved.value);
  assert.deepEqual(resolved.value, { tea: 1, milk: 2, cake: 1 });
  assert.deepEqual((await phone.get('cart:alice')).siblings, []);

  // A set and counters: nothing to merge.
  const articles = (await phone.get('cart:bob')).value;
  const counts = await phone.getMany(articles.map((article) => `cart:bob:${article}`));
  const cart = Object.fromEntries(articles.map((article, index) => [article, counts[index].value]));
  console.log('the cart of bob, merged by itself:', cart);
  assert.deepEqual(cart, { cake: 1, milk: 2, tea: 2 });
} finally {
  await client.close();
  await cluster.close();
}
