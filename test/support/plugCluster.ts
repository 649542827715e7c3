import { afterAll, beforeAll } from 'vitest';
import { connect, type KvcClient } from '../../src/index.js';
import { TestNodes } from './testNodes.js';

/** Three nodes and a client of an application, for all tests of a file; each takes keys of its own. */
export interface PlugCluster {
  readonly urls: readonly string[];
  readonly client: KvcClient;
}

export function usePlugCluster(): PlugCluster {
  let nodes: TestNodes;
  let client: KvcClient;
  beforeAll(async () => {
    nodes = await TestNodes.start();
    client = await connect({ nodes: nodes.nodes.map(({ url }) => url) });
  });
  afterAll(async () => {
    await client.close();
    await nodes.stop();
  });
  return {
    get urls() {
      return nodes.nodes.map(({ url }) => url);
    },
    get client() {
      return client;
    },
  };
}

/** Keys of one test; so many that they take several requests, and pages. */
export function manyNames(count = 2500): string[] {
  return Array.from({ length: count }, (_, index) => `key${String(index).padStart(5, '0')}`);
}
