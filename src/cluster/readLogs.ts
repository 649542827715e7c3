import { logLevels, type LogLevel } from '../protocol/nodeMessages.js';
import { logPath, readEnd } from './logFile.js';
import { parseLogLines, type LogLine } from './logLine.js';

export interface LogFilter {
  /** Only lines of this time or later, in ms since 1970. */
  readonly sinceMs?: number | undefined;
  /** Only lines of this level or more urgent ones. */
  readonly level?: LogLevel | undefined;
}

/** Of each log, no more than this is read; a log is begun anew at a start when it has grown beyond 5 MiB. */
const readBytesMax = 8 * 1024 * 1024;

/** The lines of several logs of one cluster, merged by time. Of a very long log, its end. */
export function readLogs(dir: string, names: readonly string[], filter: LogFilter): LogLine[] {
  return names
    .flatMap((name) => parseLogLines(readEnd(logPath(dir, name), readBytesMax), name))
    .filter((line) => passes(line, filter))
    .sort((left, right) => left.timeMs - right.timeMs);
}

export function passes(line: LogLine, { sinceMs, level }: LogFilter): boolean {
  if (sinceMs !== undefined && line.timeMs < sinceMs) return false;
  return level === undefined || logLevels.indexOf(line.level) >= logLevels.indexOf(level);
}
