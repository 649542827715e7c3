import { readClusterFile } from '../cluster/clusterFile.js';
import { clusterDir } from '../cluster/clusterHome.js';
import { unknownNode } from '../cluster/faultTable.js';
import { followLogs } from '../cluster/followLogs.js';
import { loggedNames } from '../cluster/logFile.js';
import { isCalled } from '../cluster/nodeNames.js';
import type { LogLine } from '../cluster/logLine.js';
import { passes, readLogs } from '../cluster/readLogs.js';
import { supervisorName } from '../cluster/supervisorLog.js';
import { KvcError } from '../errors.js';
import type { LogLevel } from '../protocol/nodeMessages.js';
import { paintFor } from '../view/style.js';
import { logPainter } from './logPainter.js';
import { parseDuration } from '../notation/parseDuration.js';

export interface ShowLogsOptions {
  readonly cluster: string;
  /** As the user names it; all of them without it, and the supervisor. */
  readonly node: string | undefined;
  readonly follow: boolean;
  readonly tail: number | undefined;
  /** A duration back from now. */
  readonly since: string | undefined;
  readonly level: LogLevel | undefined;
}

/** Prints what was logged, and with `follow` what will be, for ever. Returns the lines that were there. */
export async function showLogs(
  options: ShowLogsOptions,
  print: (text: string) => void,
): Promise<readonly LogLine[]> {
  const { cluster, tail, since, level } = options;
  const names = namesOf(cluster, options.node);
  const dir = clusterDir(cluster);
  const render = logPainter(names, paintFor(process.stdout, process.env));
  const sinceMs = since === undefined ? undefined : Date.now() - parseDuration(since);
  const filter = { sinceMs, level };
  const lastOf = (lines: readonly LogLine[]): readonly LogLine[] =>
    tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  const printAll = (lines: readonly LogLine[]): void => lines.forEach((line) => print(render(line)));
  if (!options.follow) {
    const lines = lastOf(readLogs(dir, names, filter));
    printAll(lines);
    return lines;
  }
  let isFirst = true;
  const namesNow = (): readonly string[] => (options.node === undefined ? loggedNames(dir) : names);
  followLogs(dir, namesNow, (lines) => {
    const passing = lines.filter((line) => passes(line, filter));
    printAll(isFirst ? lastOf(passing) : passing);
    isFirst = false;
  });
  return await new Promise(() => undefined);
}

/** Nodes that left the cluster have logs still. */
function namesOf(cluster: string, node: string | undefined): string[] {
  const dir = clusterDir(cluster);
  const file = readClusterFile(dir);
  if (file === undefined) {
    throw new KvcError('KVC_E_CLUSTER_NOT_RUNNING', `there is no cluster "${cluster}"`, { try: ['kvc ls'] });
  }
  const nodes = file.nodes.map(({ name }) => name as string);
  const names = [...new Set([...nodes, supervisorName, ...loggedNames(dir)])];
  if (node === undefined) return names;
  const found = names.find((name) => isCalled(name, node));
  if (found === undefined) throw unknownNode(node, nodes);
  return [found];
}
