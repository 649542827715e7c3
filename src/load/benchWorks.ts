import type { BenchProtocol, BenchRequests } from './benchRequests.js';

/** What is measured. The limits of each are the command's to check. */
export interface BenchPlan {
  readonly protocols: readonly BenchProtocol[];
  /** 1: only single commands; else pipelines of so many over RESP besides. */
  readonly pipeline: number;
  /** Shares of reads, each of which is measured. */
  readonly readsPercents: readonly number[];
  readonly clients: number;
  readonly keys: number;
  readonly valueBytes: number;
  /** Of each kind of work. */
  readonly seconds: number;
}

/** One kind of work. */
export interface BenchWork extends BenchRequests {
  readonly protocol: BenchProtocol;
}

/** In the order in which they are measured. */
export function worksOf(plan: BenchPlan): BenchWork[] {
  const { protocols, pipeline, readsPercents, keys, valueBytes } = plan;
  return protocols.flatMap((protocol) => {
    const pipelines = protocol === 'resp' && pipeline > 1 ? [1, pipeline] : [1];
    return pipelines.flatMap((each) =>
      readsPercents.map((readsPercent) => ({ protocol, pipeline: each, readsPercent, keys, valueBytes })),
    );
  });
}
