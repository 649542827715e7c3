import type { RunningNode } from '../../driver/runningNode.js';
import type { Wait } from '../../driver/wait.js';
import type { ServedProcess } from '../httpServer.js';
import type { OutputTurn } from '../outputTurn.js';
import type { RespSession } from './respSession.js';
import type { ScanCursors } from './scanCursors.js';
import type { QueuedCommand } from './plans.js';

/** One connection, as its commands see it. */
export interface RespClient {
  readonly id: number;
  readonly served: ServedProcess;
  readonly state: RespServerState;
  readonly session: RespSession;
  readonly cursors: ScanCursors;
  /** @throws KvcError KVC_E_NOT_READY */
  readonly node: RunningNode;
  name: string;
  /** What its library calls itself. */
  library: { name: string; version: string };
  /** 2 or 3. */
  protocol: number;
  readonly address: string;
  readonly connectedAtMs: number;
  lastCommand: string;
  /** A command of it waits for something, and those behind it wait for that. */
  readonly isBlocked: boolean;
  /** Between MULTI and EXEC. */
  transaction: Transaction | undefined;
  /** A wait that ends when the connection does. */
  wait(timeoutMs: number): Wait;
  /** Such a one, as long as waits are unless a client says otherwise. */
  readonly defaultWait: Wait;
  /** Answers what came before, then ends the connection. */
  quit(): void;
}

export interface Transaction {
  readonly queued: QueuedCommand[];
  /** Bytes of their words. */
  bytes: number;
  /** One of its commands was wrong: EXEC does nothing. */
  isBroken: boolean;
}

/** What the connections of a node share. */
export interface RespServerState {
  readonly turn: OutputTurn;
  readonly clients: ReadonlySet<RespClient>;
  readonly startedAtMs: number;
  /** Since the node started. */
  readonly counts: { connections: number; commands: number };
}
