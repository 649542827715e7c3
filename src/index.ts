/**
 * The public API of the package: the client, the errors that kvc reports, and the shapes of a node's HTTP API.
 * @module kvc
 */
export { connect } from './client/library/connect.js';
export { bytesCodec, jsonCodec, textCodec } from './client/library/codecs.js';
export type { Batch } from './client/library/batch.js';
export type { Codec } from './client/library/codec.js';
export type * from './client/library/entry.js';
export type { KeyListing, KvcClient } from './client/library/kvcClient.js';
export type * from './client/library/options.js';
export type * from './client/library/watchEvents.js';
export {
  errorKinds,
  isErrorCode,
  KvcError,
  type ErrorCode,
  type ErrorFacts,
  type ErrorKind,
} from './errors.js';
export type { DeliveryMode } from './core/delivery.js';
export type * from './protocol/api.js';
export type * from './protocol/faultsApi.js';
export type * from './protocol/inspectApi.js';
export type * from './protocol/membersApi.js';
export type * from './protocol/replicationApi.js';
export type * from './protocol/watchApi.js';
