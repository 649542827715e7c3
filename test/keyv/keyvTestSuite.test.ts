import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import Keyv from 'keyv';
import * as vitest from 'vitest';
import { connect, type KvcClient } from '../../src/index.js';
import { KvcKeyv } from '../../src/keyv/index.js';
import { TestNodes } from '../support/testNodes.js';

/** What Keyv asks of every adapter, at three nodes: the adapters of one test ask different ones. */
let nodes: TestNodes;
let client: KvcClient;
let opened = 0;

vitest.beforeAll(async () => {
  nodes = await TestNodes.start();
  client = await connect({ nodes: nodes.nodes.map(({ url }) => url) });
});
vitest.afterAll(async () => {
  await client.close();
  await nodes.stop();
});

const store = (): KvcKeyv => {
  opened += 1;
  return new KvcKeyv(client.at(`node${1 + (opened % 3)}`));
};

keyvTestSuite(vitest, Keyv, store);
keyvIteratorTests(vitest, Keyv, store);
