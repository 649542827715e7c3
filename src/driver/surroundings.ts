import type { ReplicaId } from '../core/ids.js';
import type { Replica } from '../core/replica.js';
import type { KvcError } from '../errors.js';
import type { Files } from '../storage/files.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Transport } from '../transport/transport.js';
import type { Log } from './log.js';
import type { Time } from './time.js';

/**
 * All that a node has to do with: what lies outside of it reaches it through here alone. So the node process and the
 * simulator run the same code, each with surroundings of its own.
 */
export interface Surroundings {
  readonly time: Time;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly transport: Transport;
  readonly place: DataPlace;
  readonly report: Log;
  /** What it does while it is not ready yet, for people. */
  readonly onProgress: (reason: string) => void;
  /** The node must not go on: its process is to exit. */
  readonly onHalt: (error: KvcError) => void;
  /** For who watches: what stands between a replica and its log. */
  readonly watchLog?: (log: UpdateLog, replica: ReplicaId) => UpdateLog;
  /** For who watches: called after every step of the replica, before what it led to is done. */
  readonly onStep?: (replica: Replica) => void;
}

/** Where a node keeps its data. */
export interface DataPlace {
  readonly files: Files;
  /**
   * Opens the key store in a directory, or creates it.
   * @throws KvcError KVC_E_STORE_CORRUPT where it is damaged, KVC_E_FORMAT_UNKNOWN, KVC_E_DISK_FULL, KVC_E_STORE_FAILED
   */
  readonly openStore: (dir: string, report: Log) => Promise<KeyStore>;
  /**
   * Keeps other processes from using a directory.
   * @throws KvcError KVC_E_DATA_LOCKED
   */
  readonly lock: (dir: string) => Promise<{ release(): Promise<void> }>;
}
