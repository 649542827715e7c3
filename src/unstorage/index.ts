/**
 * A driver for [unstorage](https://unstorage.unjs.io) 1.17: `import { kvcDriver } from 'kvc/unstorage'`. It is the default export,
 * too, so that a server framework finds it by the name of the package.
 * @module kvc/unstorage
 */
export { kvcDriver, kvcDriver as default, type KvcDriver } from './kvcDriver.js';
export type { KvcDriverOptions } from './kvcDriverOptions.js';
export type { KvcMeta } from './kvcMeta.js';
