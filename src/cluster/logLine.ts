import { logLevels, type LogLevel } from '../protocol/nodeMessages.js';

/** One line of a log of a node or of the supervisor. */
export interface LogLine {
  /** In ms since 1970; of a line that is not in the log's form, that of the line before it. */
  readonly timeMs: number;
  /** How bad it is. */
  readonly level: LogLevel;
  /** Whose line it is. */
  readonly node: string;
  /** In words. */
  readonly message: string;
  /** What it is about. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Reads the lines of one log. A line that is not in the form (a crash prints as it likes) is a message of level error
 * at the time of the line before, so that nothing that was logged is hidden.
 */
export function parseLogLines(text: string, node: string, afterMs = 0): LogLine[] {
  let timeMs = afterMs;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const parsed = parseLine(line) ?? { timeMs, level: 'error', node, message: line, facts: {} };
      timeMs = parsed.timeMs;
      return parsed;
    });
}

/**
 * `12:03:04.123 node1 info message key=value`, in local time.
 * @param paintNode - gives the node's name its colour
 */
export function renderLogLine(line: LogLine, paintNode: (node: string) => string = (node) => node): string {
  const { timeMs, level, node, message, facts } = line;
  const fields = Object.entries(facts).map(([key, value]) => `${key}=${renderFact(value)}`);
  const text = escapeControls([level, message, ...fields].join(' '));
  return `${clockTime(timeMs)} ${paintNode(escapeControls(node))} ${text}`;
}

/** The lines of one log as people read them. */
export function renderLogLines(text: string): string[] {
  return parseLogLines(text, '-').map((line) => renderLogLine(line));
}

function parseLine(line: string): LogLine | undefined {
  try {
    const { time, level, node, message, ...facts } = JSON.parse(line) as Record<string, unknown>;
    const timeMs = Date.parse(String(time));
    const known = logLevels.find((name) => name === level);
    if (Number.isNaN(timeMs) || known === undefined) return undefined;
    if (typeof node !== 'string' || typeof message !== 'string') return undefined;
    return { timeMs, level: known, node, message, facts };
  } catch {
    return undefined;
  }
}

function renderFact(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value);
}

function clockTime(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (part: number): string => String(part).padStart(2, '0');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** A log may hold what a client sent; a terminal must not obey it. */
function escapeControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
