import type { LogLevel } from '../protocol/nodeMessages.js';

/** Writes one event of the node's life. Facts are JSON values. Changes of state only, never single requests. */
export type Log = (level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>) => void;
