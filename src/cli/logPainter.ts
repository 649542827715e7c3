import { renderLogLine, type LogLine } from '../cluster/logLine.js';
import type { Paint, Style } from '../view/style.js';

const nodeStyles: readonly Style[] = ['cyan', 'green', 'yellow', 'bold'];

/** Renders log lines, each node's name in a colour of its own where colours are wanted. */
export function logPainter(names: readonly string[], paint: Paint): (line: LogLine) => string {
  const width = Math.max(...names.map((name) => name.length));
  return (line) =>
    renderLogLine(line, (node) => {
      const style = nodeStyles[Math.max(0, names.indexOf(node)) % nodeStyles.length] ?? 'bold';
      return paint(style, node) + ' '.repeat(Math.max(0, width - node.length));
    });
}
