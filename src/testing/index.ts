/**
 * Clusters inside other people's tests: `import { startCluster } from 'kvc/testing'`.
 * @module kvc/testing
 */
export type { StartClusterOptions } from './clusterOptions.js';
export { recordHistory, type ReadFinallyOptions, type RecordedHistory } from './history/recordHistory.js';
export { startCluster } from './startCluster.js';
export type { ConvergedOptions, FaultOptions, TestCluster, TestNode } from './testCluster.js';
export type * from '../check/history.js';
export type { Value } from '../check/historyLine.js';
export type * from '../check/report.js';
export type { LogLine } from '../cluster/logLine.js';
export type { NodeLimits } from '../protocol/nodeLimits.js';
