import type { LoadResult } from '../load/load.js';
import type { Figure, Goal } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';

/** One server under one kind of load. */
export interface LoadCase {
  readonly label: string;
  /** @param perSecond - what it came to the last time, or a guess */
  readonly run: (perSecond: number, durationMs: number) => Promise<LoadResult>;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** Of each case in each round. */
  readonly durationMs: number;
}

/** Above this, a load says more about what makes it than about the server. */
const generatorBusyMax = 0.9;
/** The first rounds find out how much a server can take, and are for the compilers of all the processes. */
const firstRounds = 2;
const firstGuess = 10_000;

/** Of loads that were measured in turns: each round all of them, so that what disturbs one disturbs its neighbours. */
export class Rounds {
  readonly #results: ReadonlyMap<string, readonly LoadResult[]>;

  private constructor(results: ReadonlyMap<string, readonly LoadResult[]>) {
    this.#results = results;
  }

  static async measure(cases: readonly LoadCase[], { rounds, durationMs }: RoundsOptions): Promise<Rounds> {
    const results = new Map<string, LoadResult[]>(cases.map(({ label }) => [label, []]));
    const latest = new Map<string, number>();
    for (let round = -firstRounds; round < rounds; round += 1) {
      for (const { label, run } of cases) {
        const result = await run(latest.get(label) ?? firstGuess, durationMs);
        latest.set(label, result.perSecond);
        if (round >= 0) results.get(label)?.push(result);
      }
    }
    return new Rounds(results);
  }

  get figures(): Figure[] {
    return [...this.#results].flatMap(([label, results]) => loadFigures(label, results));
  }

  /** How many times as many requests per second one answers as another; no goal if one of them was not measured. */
  goal(above: string, below: string, target: number): Goal[] {
    const [numerators, denominators] = [this.#rates(above), this.#rates(below)];
    if (numerators === undefined || denominators === undefined) return [];
    const ratios = summariseRatios(numerators, denominators);
    return [{ label: `${above} / ${below}`, unit: 'x', bound: 'at least', target, ...ratios }];
  }

  get faults(): string[] {
    return [...this.#results].flatMap(([label, results]) => {
      const errors = results.reduce((sum, result) => sum + result.errors, 0);
      return errors === 0 ? [] : [`${label}: ${errors} requests were refused or lost`];
    });
  }

  /** Whether what made the load may have been what was measured. */
  get notes(): string[] {
    return [...this.#results].flatMap(([label, results]) => {
      const busy = summarise(results.map(({ generatorBusy }) => generatorBusy)).median;
      if (busy <= generatorBusyMax) return [];
      return [`${label}: what makes the load was busy for ${Math.round(busy * 100)} % of the time`];
    });
  }

  #rates(label: string): number[] | undefined {
    return this.#results.get(label)?.map(({ perSecond }) => perSecond);
  }
}

/** Requests per second, how long they took, and what they cost the server. */
export function loadFigures(name: string, results: readonly LoadResult[]): Figure[] {
  const figure = (label: string, unit: Figure['unit'], of: (result: LoadResult) => number): Figure => ({
    label: `${name}${label}`,
    unit,
    ...summarise(results.map(of)),
  });
  const isCpuKnown = results.every(({ serverCpuUs }) => serverCpuUs !== undefined);
  return [
    figure('', 'req/s', ({ perSecond }) => perSecond),
    figure(', latency p50', 'ms', ({ p50Ms }) => p50Ms),
    figure(', latency p99', 'ms', ({ p99Ms }) => p99Ms),
    ...(isCpuKnown
      ? [figure(', server CPU per request', 'us', ({ serverCpuUs }) => serverCpuUs ?? NaN)]
      : []),
  ];
}
