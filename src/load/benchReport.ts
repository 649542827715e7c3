import type { BenchProtocol } from './benchRequests.js';

/** Percentiles in ms; null where nothing was answered. */
export interface LatencyJson {
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  readonly max_ms: number | null;
}

/** One kind of work. Latencies are of requests: of a pipeline as a whole. */
export interface BenchLineJson extends LatencyJson {
  readonly protocol: BenchProtocol;
  /** Commands in a request. */
  readonly pipeline: number;
  readonly reads_percent: number;
  /** Commands that were answered as they should. */
  readonly answered: number;
  readonly per_second: number;
  /** Requests that were not, and what the first of them was told. */
  readonly refused: number;
  readonly refusal: string | null;
  /** Processor time of the command itself, as a share of the time: near 1 it measured itself. */
  readonly generator_busy: number;
}

/** From acknowledged at one node to readable at another; `samples` writes, one after the other. */
export interface BenchVisibilityJson extends LatencyJson {
  readonly samples: number;
}

/** What `kvc bench` found. */
export interface BenchReport {
  readonly cluster: { readonly id: string; readonly name: string };
  readonly nodes: readonly string[];
  readonly durability: 'durable' | 'ephemeral';
  readonly clients: number;
  readonly keys: number;
  readonly value_bytes: number;
  readonly seconds: number;
  readonly lines: readonly BenchLineJson[];
  /** null where one node is measured alone. */
  readonly visibility: BenchVisibilityJson | null;
  /** Keys that were deleted in the end; null if they could not be. */
  readonly deleted_keys: number | null;
}
