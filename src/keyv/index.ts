/**
 * A store for [Keyv](https://keyv.org) 5: `import { KvcKeyv } from 'kvc/keyv'`.
 * @module kvc/keyv
 */
export { KvcKeyv, type AnswerOfSetMany, type KvcKeyvEntry, type KvcKeyvOptions } from './kvcKeyv.js';
