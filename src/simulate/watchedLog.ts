import type { VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';
import type { LogStats, UpdateLog } from '../storage/updateLog.js';

/** Who watches what a log is given and promises. */
export interface LogWatcher {
  /** Before it is appended. */
  accepts(update: Update): void;
  appended(sequence: number, update: Update): void;
  flushed(sequence: number): void;
  /** All that the log has is durable, or jumped over for good. */
  isDurable(clock: VersionVector): void;
  jumps(to: VersionVector): void;
  truncated(bytes: number): void;
}

/** A log that tells what passes through it, as long as anybody is alive to whom that could matter. */
export class WatchedLog implements UpdateLog {
  readonly #log: UpdateLog;
  readonly #watcher: LogWatcher;
  readonly #isAlive: () => boolean;

  constructor(log: UpdateLog, watcher: LogWatcher, isAlive: () => boolean) {
    this.#log = log;
    this.#watcher = watcher;
    this.#isAlive = isAlive;
  }

  get clock(): VersionVector {
    return this.#log.clock;
  }

  get start(): VersionVector {
    return this.#log.start;
  }

  append(update: Update): number {
    if (this.#isAlive()) this.#watcher.accepts(update);
    const sequence = this.#log.append(update);
    if (this.#isAlive()) this.#watcher.appended(sequence, update);
    return sequence;
  }

  conflicts(update: Update): boolean {
    return this.#log.conflicts(update);
  }

  async flush(): Promise<number> {
    const sequence = await this.#log.flush();
    if (this.#isAlive()) this.#watcher.flushed(sequence);
    return sequence;
  }

  read(origin: ReplicaId, first: number, last: number, bytesMax: number): Promise<Update[]> {
    return this.#log.read(origin, first, last, bytesMax);
  }

  replay(after: VersionVector): AsyncIterable<Update> {
    return this.#log.replay(after);
  }

  async truncate(covered: VersionVector, keepBytes?: number): Promise<number> {
    const bytes = await this.#log.truncate(covered, keepBytes);
    if (this.#isAlive()) this.#watcher.truncated(bytes);
    return bytes;
  }

  async jump(to: VersionVector): Promise<void> {
    if (this.#isAlive()) this.#watcher.jumps(to);
    await this.#log.jump(to);
    if (this.#isAlive()) this.#watcher.isDurable(this.#log.clock);
  }

  stats(): LogStats {
    return this.#log.stats();
  }

  async close(): Promise<void> {
    await this.#log.close();
    if (this.#isAlive()) this.#watcher.isDurable(this.#log.clock);
  }
}
