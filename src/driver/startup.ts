import type { HealthResponseJson } from '../protocol/api.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import type { Transport } from '../transport/transport.js';
import type { Log } from './log.js';
import type { PeerUrls } from './peerUrls.js';
import type { Time } from './time.js';

/** What a node has to work with to get its state, before it serves or beside that. */
export interface Startup {
  readonly time: Time;
  readonly config: NodeConfig;
  readonly peers: PeerUrls;
  readonly transport: Transport;
  readonly report: Log;
  /** Aborts when the node is to be closed, or must not go on. */
  readonly signal: AbortSignal;
  /** What it does at the moment, for people. */
  readonly progress: (reason: string) => void;
  readonly become: (status: HealthResponseJson['status'], reason: string) => void;
  /** It has taken over a snapshot of a peer. */
  readonly onSnapshotTaken: () => void;
}
