import { KvcError } from '../errors.js';
import { nodeLimitKinds, type NodeLimitKind, type NodeLimits } from '../protocol/nodeLimits.js';
import { nodeLimitNames, type NodeLimitName } from '../protocol/nodeLimitsJson.js';
import { columns } from '../view/columns.js';
import { formatDuration } from '../view/formatDuration.js';
import { parseDuration } from '../notation/parseDuration.js';

type Unit = NodeLimitKind['unit'];

const bytesOfUnit = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 } as const;
const bytesForm = /^([0-9]{1,15})(kib|mib|gib|tib)?$/i;
const countForm = /^[0-9]{1,15}$/;

const notationOf: Readonly<Record<Unit, string>> = {
  bytes: 'bytes, as in 64mib, 1gib or 1000',
  ms: 'a duration, as in 5s or 200ms',
  count: 'a whole number',
};

/** One limit and its new value. */
export interface LimitChange {
  readonly name: NodeLimitName;
  readonly value: number;
}

/** `NAME=VALUE` as `--limit` takes it. @throws KvcError KVC_E_USAGE; for an unknown name it lists all there are */
export function parseLimit(text: string): LimitChange {
  const mark = text.indexOf('=');
  const given = mark < 0 ? text : text.slice(0, mark);
  const name = nodeLimitNames.find((each) => each === given);
  if (name === undefined) throw usage(`there is no limit ${quote(given)}; there are\n${limitsTable()}`);
  const kind = nodeLimitKinds[name];
  const value = mark < 0 ? undefined : parseValue(text.slice(mark + 1), kind.unit);
  if (value !== undefined && value >= kind.min && value <= kind.max) return { name, value };
  const received = mark < 0 ? 'nothing' : quote(text.slice(mark + 1));
  throw usage(`${name} must be ${notationOf[kind.unit]}, ${rangeText(kind)}, received ${received}`);
}

/** All changes as one. @throws KvcError KVC_E_USAGE for a limit that is given twice */
export function mergeLimits(changes: readonly LimitChange[]): Partial<NodeLimits> {
  const names = changes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usage(`--limit ${twice} is given twice`);
  return Object.fromEntries(changes.map(({ name, value }) => [name, value]));
}

function parseValue(text: string, unit: Unit): number | undefined {
  switch (unit) {
    case 'bytes':
      return parseBytes(text);
    case 'ms':
      return parseDurationOrNothing(text);
    case 'count':
      return countForm.test(text) ? Number(text) : undefined;
  }
}

function parseBytes(text: string): number | undefined {
  const [, amount, unit] = bytesForm.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const each = unit === undefined ? 1 : bytesOfUnit[unit.toLowerCase() as keyof typeof bytesOfUnit];
  return Number(amount) * each;
}

/** The message for a limit says more than that of a duration. */
function parseDurationOrNothing(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

function limitsTable(): string {
  const rows = nodeLimitNames.map((name) => {
    const kind: NodeLimitKind = nodeLimitKinds[name];
    return [
      `  ${name}`,
      kind.unit,
      rangeText(kind),
      `default ${formatLimit(kind.default, kind.unit)}`,
      kind.meaning,
    ];
  });
  return columns(rows);
}

function rangeText({ min, max, unit }: NodeLimitKind): string {
  return `${formatLimit(min, unit)} to ${formatLimit(max, unit)}`;
}

/** As it may be given. */
function formatLimit(value: number, unit: Unit): string {
  if (unit === 'ms') return formatDuration(value);
  const units = unit === 'bytes' ? Object.entries(bytesOfUnit) : [];
  const [name, each] = units.findLast(([, bytes]) => value % bytes === 0) ?? ['', 1];
  return `${value / each}${name}`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function usage(message: string): KvcError {
  return new KvcError('KVC_E_USAGE', message);
}
