/**
 * Clusters inside other people's tests: `import { startCluster } from 'kvc/testing'`.
 * @packageDocumentation
 */
export type { StartClusterOptions } from './clusterOptions.js';
export { recordHistory, type ReadFinallyOptions, type RecordedHistory } from './history/recordHistory.js';
export { startCluster } from './startCluster.js';
export type { ConvergedOptions, FaultOptions, TestCluster, TestNode } from './testCluster.js';
