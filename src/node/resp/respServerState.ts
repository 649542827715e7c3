import type { RespClient } from './respClient.js';

/** What the connections of a node share. */
export interface RespServerState {
  readonly clients: ReadonlySet<RespClient>;
  readonly startedAtMs: number;
  /** Since the node started. */
  readonly counts: { connections: number; commands: number };
}
