import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testClusterId } from './testNodes.js';

/** A server that says it is a node and serves watches as the test says: what no node can be made to do on purpose. */
export interface EventServer {
  readonly url: string;
  /** The `from` of each watch that began here; null: none. */
  readonly begun: (string | null)[];
  readonly stop: () => Promise<void>;
}

export async function startEventServer(
  name: string,
  serve: (response: ServerResponse, from: string | null) => void,
): Promise<EventServer> {
  const begun: (string | null)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://node');
    if (url.pathname !== '/watch') {
      const health = { node: name, instance: 'i', cluster_id: testClusterId, status: 'ready', reason: null };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(health));
      return;
    }
    const from = url.searchParams.get('from');
    begun.push(from);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    serve(response, from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    begun,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function eventText(type: string, data: object, id?: string): string {
  return `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

const tokenOf = (counter: number): string => `kvc1.${testClusterId}.node1:${counter}`;

/** The `change` that wrote key `k` as the `counter`-th of node1. */
export function changeText(counter: number, value = String(counter)): string {
  const token = tokenOf(counter);
  const writes = [{ key: 'k', kind: 'put', value }];
  const change = { dot: { node: 'node1', counter }, writes, time_ms: 1, session: token, cursor: token };
  return eventText('change', change, token);
}

export function readyText(counter: number): string {
  const token = counter === 0 ? `kvc1.${testClusterId}.` : tokenOf(counter);
  return eventText('ready', { session: token, cursor: token }, token);
}
