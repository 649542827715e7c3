/**
 * The public API of the package: the errors that kvc reports, and the shapes of a node's HTTP API.
 * @packageDocumentation
 */
export {
  errorKinds,
  isErrorCode,
  KvcError,
  type ErrorCode,
  type ErrorFacts,
  type ErrorKind,
} from './errors.js';
export type * from './protocol/api.js';
export type * from './protocol/faultsApi.js';
export type * from './protocol/inspectApi.js';
export type * from './protocol/membersApi.js';
export type * from './protocol/replicationApi.js';
export type * from './protocol/watchApi.js';
