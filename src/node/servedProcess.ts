import type { Log } from '../driver/log.js';
import type { NodeLife } from '../driver/nodeLife.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import type { NodeLinks } from './nodeLinks.js';

/** What a server needs to know of the process it serves. */
export interface ServedProcess {
  readonly config: NodeConfig;
  readonly links: NodeLinks;
  readonly report: Log;
  readonly life: NodeLife;
}
