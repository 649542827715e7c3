import type { LoadResult } from '../load/load.js';
import type { Figure, Goal, Panel } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';

/** One server under one kind of load. */
export interface LoadCase {
  /** What it is asked to do, as figures and charts name it. */
  readonly work: string;
  readonly server: string;
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

interface Measured extends LoadCase {
  readonly results: LoadResult[];
  perSecond: number;
}

/** Of loads that were measured in turns: each round all of them, so that what disturbs one disturbs its neighbours. */
export class Rounds {
  readonly #measured: readonly Measured[];

  private constructor(measured: readonly Measured[]) {
    this.#measured = measured;
  }

  static async measure(cases: readonly LoadCase[], { rounds, durationMs }: RoundsOptions): Promise<Rounds> {
    const measured = cases.map((each): Measured => ({ ...each, results: [], perSecond: firstGuess }));
    for (let round = -firstRounds; round < rounds; round += 1) {
      for (const each of measured) {
        const result = await each.run(each.perSecond, durationMs);
        each.perSecond = result.perSecond;
        if (round >= 0) each.results.push(result);
      }
    }
    return new Rounds(measured);
  }

  get figures(): Figure[] {
    return this.#measured.flatMap((each) => loadFigures(labelOf(each), each.results));
  }

  /** A panel for each kind of work. */
  get charts(): Panel[] {
    const works = [...new Set(this.#measured.map(({ work }) => work))];
    return works.map((work) => {
      const measured = this.#measured.filter((each) => each.work === work);
      const bars = measured.map(({ server, results }) => ({
        label: server,
        isOurs: server.startsWith('kvc'),
        ...summarise(results.map(({ perSecond }) => perSecond)),
      }));
      return { title: work, unit: 'req/s', bars };
    });
  }

  /** How many times as many requests per second one answers as another; no goal if one of them was not measured. */
  goal(work: string, above: string, below: string, target: number): Goal[] {
    const [numerators, denominators] = [this.#rates(work, above), this.#rates(work, below)];
    if (numerators === undefined || denominators === undefined) return [];
    const ratios = summariseRatios(numerators, denominators);
    return [{ label: `${work}: ${above} / ${below}`, unit: 'x', bound: 'at least', target, ...ratios }];
  }

  get faults(): string[] {
    return this.#measured.flatMap((each) => {
      const errors = each.results.reduce((sum, result) => sum + result.errors, 0);
      return errors === 0 ? [] : [`${labelOf(each)}: ${errors} requests were refused or lost`];
    });
  }

  /** Where what made the load may have been what was measured. */
  get notes(): string[] {
    return this.#measured.flatMap((each) => {
      const busy = summarise(each.results.map(({ generatorBusy }) => generatorBusy)).median;
      // Not a number where it is not known.
      if (!(busy > generatorBusyMax)) return [];
      return [`${labelOf(each)}: what makes the load was busy for ${Math.round(busy * 100)} % of the time`];
    });
  }

  #rates(work: string, server: string): number[] | undefined {
    const measured = this.#measured.find((each) => each.work === work && each.server === server);
    return measured?.results.map(({ perSecond }) => perSecond);
  }
}

function labelOf({ work, server }: LoadCase): string {
  return `${work}, ${server}`;
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
