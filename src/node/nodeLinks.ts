import type { PeerUrls } from '../driver/peerUrls.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import type { FaultyTransport } from '../transport/faultyTransport.js';

/** What a node process has from the beginning, before its node has recovered: its links, and the faults on them. */
export interface NodeLinks {
  readonly config: NodeConfig;
  readonly transport: FaultyTransport;
  readonly peers: PeerUrls;
}
