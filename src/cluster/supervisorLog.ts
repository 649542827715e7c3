import { closeSync, writeSync } from 'node:fs';
import type { LogLevel } from '../protocol/nodeMessages.js';
import { logPath, openLog } from './logFile.js';

/** How the supervisor is named in its log, beside the nodes. */
export const supervisorName = 'supervisor';

/** The supervisor's own log: one JSON line per change of state, in the form of the nodes' logs. */
export class SupervisorLog {
  readonly #file: number;

  constructor(dir: string) {
    this.#file = openLog(logPath(dir, supervisorName));
  }

  write(level: LogLevel, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    const line = { time: new Date().toISOString(), level, node: supervisorName, message, ...facts };
    writeSync(this.#file, JSON.stringify(line) + '\n');
  }

  close(): void {
    closeSync(this.#file);
  }
}
