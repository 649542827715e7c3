const gap = '  ';

/** Rows as aligned columns, two spaces apart, without spaces at the ends of lines. The first row is the heading. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, width(cell));
    });
  }
  return rows.map((row) => line(row, widths)).join('\n');
}

function line(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - width(cell)))
    .join(gap)
    .trimEnd();
}

/** In characters; a character that a terminal draws in two cells counts as one. */
function width(text: string): number {
  return Array.from(text).length;
}
