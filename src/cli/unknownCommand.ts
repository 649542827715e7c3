import { KvcError } from '../errors.js';

/**
 * What to say to a command that there is not, with the nearest one that there is.
 * @param typed - all that was typed, its parts apart by colons
 * @param known - ids of commands
 */
export function unknownCommand(typed: string, known: readonly string[]): KvcError {
  const command = commandIn(typed, known);
  const nearest = nearestOf(command, known);
  const remedy = nearest === undefined ? 'kvc help' : `kvc ${asTyped(nearest)}`;
  return new KvcError('KVC_E_USAGE', `kvc has no command "${asTyped(command)}"`, { try: [remedy] });
}

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
