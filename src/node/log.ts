import type { LogLevel } from '../protocol/nodeMessages.js';

/** Writes one event of the node's life. Facts are JSON values. */
export type Log = (level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>) => void;

/** One JSON object a line, for `kvc logs` to read. The caller logs changes of state only, never single requests. */
export function createLog(node: string, write: (line: string) => void): Log {
  return (level, message, facts = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, node, message, ...facts })}\n`);
}
