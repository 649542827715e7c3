/**
 * A program as a user writes it, with everything that can be imported: its types are checked, and it is run beside a cluster of three
 * nodes.
 */
export const program = `
import Keyv, { type KeyvStoreAdapter } from 'keyv';
import { createStorage, type Driver } from 'unstorage';
import { connect, KvcError, type Entry, type KvcClient } from 'kvc';
import { KvcKeyv } from 'kvc/keyv';
import { startCluster, type TestCluster } from 'kvc/testing';
import defaultDriver, { kvcDriver } from 'kvc/unstorage';

function check(isTrue: boolean, what: unknown): void {
  if (!isTrue) throw new Error(JSON.stringify(what));
}

interface Cart { readonly items: readonly string[] }

await using client: KvcClient = await connect({ timeout: 5000 });
const { dot } = await client.set('cart', { items: ['book'] } satisfies Cart);
const read: Entry<Cart> = await client.get<Cart>('cart', { node: 'node3' });
check(read.value?.items[0] === 'book' && read.dot?.counter === dot.counter, read);
const failure = await client.get('').catch((error: unknown) => error);
if (!(failure instanceof KvcError) || failure.code !== 'KVC_E_KEY_INVALID' || !failure.definite) throw failure;

const adapter: KeyvStoreAdapter = new KvcKeyv(client);
const keyv = new Keyv<Cart>({ store: adapter, namespace: 'carts', ttl: 60_000 });
await keyv.set('ada', { items: ['pen'] });
check((await keyv.get('ada'))?.items[0] === 'pen', 'keyv');
const refused = await new KvcKeyv(client).get('').catch((error: unknown) => error);
check(refused instanceof KvcError, 'a KvcError is the same class wherever it comes from');

const driver: Driver = kvcDriver({ client, base: 'app' });
const storage = createStorage<Cart>({ driver });
await storage.setItem('ada', { items: ['ink'] }, { ttl: 60 });
check((await storage.getItem('ada'))?.items[0] === 'ink' && defaultDriver === kvcDriver, 'unstorage');

await using cluster: TestCluster = await startCluster({ nodes: 1 });
await using own = await cluster.connect();
await own.set('a', 1);
const unknown = await cluster.inspect('node9').catch((error: unknown) => error);
check((await own.get('a')).value === 1 && unknown instanceof KvcError, 'testing');
`;
