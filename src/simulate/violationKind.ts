/**
 * A violation without what differs from run to run: names, numbers, values, and whatever is told behind a colon or on lines of its
 * own. Two runs with the same kind went wrong in the same way.
 */
export function violationKind(violation: string): string {
  const [told = ''] = violation.split(/: |\n/);
  return told.replaceAll(/\S*\d\S*( +\S*\d\S*)*/g, '*');
}
