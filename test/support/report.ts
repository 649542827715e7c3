/** Prints figures that a test has measured and does not judge, whatever the reporter. */
export function report(what: string, figures: Readonly<Record<string, number | string>>): void {
  const parts = Object.entries(figures).map(([name, figure]) => `${name} ${textOf(figure)}`);
  process.stdout.write(`  ${what}: ${parts.join(', ')}\n`);
}

function textOf(figure: number | string): string {
  if (typeof figure === 'string') return figure;
  return figure.toLocaleString('en-US', { maximumFractionDigits: figure < 100 ? 2 : 0 });
}
