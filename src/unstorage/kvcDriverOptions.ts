import type { KvcClient } from '../client/library/kvcClient.js';
import type { ConnectOptions } from '../client/library/options.js';

/** Where an unstorage driver keeps its items. Without `client` it connects at the first use, by the other options of `connect`. */
export interface KvcDriverOptions extends Omit<ConnectOptions, 'codec'> {
  /** A client of the application. It stays open when the storage is disposed of. */
  readonly client?: KvcClient;
  /** What stands before all keys of the driver in kvc, with a colon behind it. Default: nothing: the storage is the whole cluster. */
  readonly base?: string;
}
