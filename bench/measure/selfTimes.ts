import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What V8 writes with --cpu-prof, as far as it is needed here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  /** Ids of nodes, one every so many µs. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function, and the share of the time that it itself ran, without what it called. */
export interface SelfTime {
  readonly name: string;
  readonly percent: number;
}

/** What V8 names when no function runs. */
const idle = '(idle)';

/** The functions that took most time, of the time in which the process was not idle. */
export function topSelfTimes(profilePath: string, count: number): SelfTime[] {
  const profile = JSON.parse(readFileSync(profilePath, 'utf8')) as CpuProfile;
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '(unknown)';
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  times.delete(idle);
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([name, time]) => ({ name, percent: (100 * time) / all }))
    .sort((left, right) => right.percent - left.percent)
    .slice(0, count);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(no name)' : functionName;
  return url === '' ? name : `${name}, ${placeOf(url, lineNumber)}`;
}

/** esbuild names each source file in a comment before what it made of it. */
const sourceMark = /^\s*\/\/ ((?:src|node_modules)\/\S+)$/;
const linesOf = new Map<string, readonly string[]>();

/** The source file if it is known, else the bundle and the line. */
function placeOf(url: string, lineNumber: number): string {
  const place = `${basename(url)}:${lineNumber + 1}`;
  if (!url.startsWith('file:')) return place;
  const lines = linesOf.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split('\n');
  linesOf.set(url, lines);
  const mark = lines.slice(0, lineNumber + 1).findLast((line) => sourceMark.test(line));
  return sourceMark.exec(mark ?? '')?.[1] ?? place;
}
