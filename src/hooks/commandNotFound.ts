import type { Hook } from '@oclif/core/hooks';
import { errorDocument, errorText } from '../cli/renderError.js';
import { KvcError } from '../errors.js';

/** Someone typed a command that there is not: names the nearest one and exits with the status of a usage error. */
const commandNotFound: Hook.CommandNotFound = function ({ id, argv, config }) {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  const typed = commandIn(id, known);
  const nearest = nearestOf(typed, known);
  const remedy = nearest === undefined ? 'kvc help' : `kvc ${asTyped(nearest)}`;
  const error = new KvcError('KVC_E_USAGE', `kvc has no command "${asTyped(typed)}"`, { try: [remedy] });
  if (argv?.includes('--json') === true)
    process.stdout.write(JSON.stringify(errorDocument(error), null, 2) + '\n');
  else process.stderr.write(errorText(error));
  process.exit(error.kind.exitCode);
};

export default commandNotFound;

function asTyped(id: string): string {
  return id.replaceAll(':', ' ');
}

/** oclif takes all that was typed for the command's name, its arguments too. */
function commandIn(id: string, known: readonly string[]): string {
  const [first = '', second] = id.split(':');
  const isTopic = known.some((command) => command.startsWith(`${first}:`));
  return isTopic && second !== undefined ? `${first}:${second}` : first;
}

/** The known command that is fewest edits away, if at most half of what was typed would have to change. */
function nearestOf(typed: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((id) => ({ id, edits: editsBetween(typed, id) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(1, typed.length / 2) ? best.id : undefined;
}

/** Levenshtein distance, one row at a time. */
function editsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, from] of left.split('').entries()) {
    const next = [i + 1];
    for (const [j, to] of right.split('').entries()) {
      const replaced = (row[j] ?? 0) + (from === to ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
