import { EdnName, ednText, isEdnMap, type Edn, type EdnForm } from './edn.js';
import { historyError, quote } from './historyError.js';

/** One entry of a Jepsen history: an operation begins, or is over. */
export interface ElleEvent {
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly process: number;
  /** The function: `txn`, `read`, ... */
  readonly f: string | undefined;
  /** undefined: there was none, which in a read is as good as nil. */
  readonly value: Edn | undefined;
  readonly timeMs: number | undefined;
  readonly line: number;
}

const types = ['invoke', 'ok', 'fail', 'info'] as const;
const nanosecondsPerMs = 1e6;

/**
 * Reads an entry of a Jepsen history (https://github.com/jepsen-io/history): fields that are not needed here are passed
 * over. Clients have numbers; whatever else acts (`:nemesis`) is no client, and gives undefined.
 */
export function elleEvent({ value: entry, line }: EdnForm): ElleEvent | undefined {
  if (!isEdnMap(entry))
    throw historyError(line, `expected an operation {...}, found ${quote(ednText(entry))}`);
  const process = entry.get(':process');
  if (process === undefined) {
    throw historyError(line, 'the operation has no :process; it says whose operations are in one order', {
      field: 'process',
    });
  }
  if (typeof process !== 'number') return undefined;
  const name = wordOf(entry.get(':type'));
  const type = types.find((each) => each === name);
  if (type === undefined) {
    const found = ednText(entry.get(':type') ?? null);
    throw historyError(line, `:type must be :invoke, :ok, :fail or :info, found ${quote(found)}`, {
      field: 'type',
    });
  }
  const time = entry.get(':time');
  const timeMs =
    typeof time === 'number' || typeof time === 'bigint' ? Number(time) / nanosecondsPerMs : undefined;
  return { type, process, f: wordOf(entry.get(':f')), value: entry.get(':value'), timeMs, line };
}

/** A keyword without its colon; JSON has text in its place. */
export function wordOf(value: Edn | undefined): string | undefined {
  if (value instanceof EdnName) return value.text.replace(/^:/, '');
  return typeof value === 'string' ? value : undefined;
}
