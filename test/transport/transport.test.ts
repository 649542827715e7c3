import type { NodeName } from '../../src/core/ids.js';
import { FaultyTransport } from '../../src/transport/faultyTransport.js';
import { LinkTransport } from '../../src/transport/linkTransport.js';
import { MemoryTransport } from '../../src/transport/memoryTransport.js';
import type { PeerHandlers } from '../../src/transport/peerHandlers.js';
import type { Transport } from '../../src/transport/transport.js';
import {
  absentPeer,
  contractTimeoutMs,
  peer,
  transportContract,
  type TransportWorld,
} from '../contracts/transport.js';
import { listenAsNode, unusedUrl } from './httpPeer.js';

type Wrap = (transport: Transport) => Transport;

function openMemory(wrap: Wrap): Promise<TransportWorld> {
  const handlers = new Map<NodeName, PeerHandlers>();
  const transport = wrap(new MemoryTransport(handlers, contractTimeoutMs));
  return Promise.resolve({ transport, handlers, close: () => transport.close() });
}

async function openLinks(wrap: Wrap): Promise<TransportWorld> {
  const handlers = new Map<NodeName, PeerHandlers>();
  const server = await listenAsNode(() => handlers.get(peer)!);
  const urls = new Map([
    [peer, server.url],
    [absentPeer, await unusedUrl()],
  ]);
  const transport = wrap(new LinkTransport(urls, { clusterId: 'c1', timeoutMs: contractTimeoutMs }));
  const close = async () => {
    await transport.close();
    await server.close();
  };
  return { transport, handlers, close };
}

const plain: Wrap = (transport) => transport;
const faulty: Wrap = (transport) =>
  new FaultyTransport(transport, { source: 'node1' as NodeName, random: () => 0.5, now: () => 0 });

transportContract('memory', () => openMemory(plain));
transportContract('memory with faults', () => openMemory(faulty));
transportContract('links', () => openLinks(plain));
transportContract('links with faults', () => openLinks(faulty));
