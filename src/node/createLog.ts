import type { Log } from '../driver/log.js';

/** One JSON object a line, for `kvc logs` to read. */
export function createLog(node: string, write: (line: string) => void): Log {
  return (level, message, facts = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, node, message, ...facts })}\n`);
}
