import type { NodeName } from '../../core/ids.js';
import type { DataPlace } from '../../driver/surroundings.js';
import type { Time } from '../../driver/time.js';
import { Lifeline } from './lifeline.js';
import { openVirtualKeyStore } from './openVirtualKeyStore.js';
import type { SeededRandom } from './seededRandom.js';
import type { Universe } from './universe.js';
import { VirtualDisk } from './virtualDisk.js';
import { VirtualFiles } from './virtualFiles.js';

/** One process on a machine, from its start to its end: all that it may use of its outside. */
export interface Life {
  readonly time: Time;
  /** Uniform in [0, 1); a stream of its own for each life. */
  readonly random: () => number;
  readonly place: DataPlace;
  /** What a transport of this life sends and receives through. */
  readonly line: Lifeline;
  readonly isAlive: boolean;
  /** Runs something in the life, in an event of its own: a request of a client. Never if the life is over by then. */
  enter(run: () => void): void;
}

/** A computer: a disk that stays, a clock that may be wrong, and at most one process. */
export class Machine {
  readonly name: NodeName;
  readonly #universe: Universe;
  readonly #random: SeededRandom;
  readonly disk: VirtualDisk;
  /** Called when a life ends by `crashAt`, which no one could know beforehand. */
  onCrash: () => void = () => undefined;
  #line: Lifeline | undefined;
  #skewMs = 0;
  #lives = 0;

  constructor(name: NodeName, universe: Universe) {
    this.name = name;
    this.#universe = universe;
    this.#random = universe.random.fork(`machine ${name}`);
    this.disk = new VirtualDisk(this.#random.fork('disk'), universe.counts);
  }

  get isUp(): boolean {
    return this.#line !== undefined;
  }

  get isPaused(): boolean {
    return this.#line?.isPaused ?? false;
  }

  /** Starts a process. There must be none. */
  boot(): Life {
    if (this.#line !== undefined) throw new Error(`${this.name} has a process already`);
    const { counts } = this.#universe;
    this.#note('boots', 'boot');
    this.#lives += 1;
    const line = new Lifeline(
      this.name,
      this.#universe,
      () => this.#skewMs,
      () => this.#crashWithin(),
    );
    this.#line = line;
    const files = new VirtualFiles(this.disk, line, counts);
    const onCheckpoint = (): void => {
      counts.checkpoints += 1;
    };
    return {
      time: line.time,
      random: this.#random.fork(`life ${this.#lives}`).next,
      place: {
        files,
        openStore: (dir) => openVirtualKeyStore(dir, { files, disk: this.disk, life: line, onCheckpoint }),
        // A machine has one process at most.
        lock: () => Promise.resolve({ release: () => Promise.resolve() }),
      },
      get isAlive() {
        return line.isAlive;
      },
      line,
      enter: (run) => void line.arrive(0, run),
    };
  }

  /** The power goes: the process ends at once, and the disk loses by chance what is not durable. */
  crash(): void {
    this.#note('crashes', 'crash');
    this.#end();
    this.disk.crash();
  }

  /** The process ends at once, whatever it was at; the system keeps what it has written. */
  kill(): void {
    this.#note('kills', 'kill');
    this.#end();
  }

  /** Crashes when the process comes to do its n-th thing from now (file call, send, answer, timer), instead of doing it. */
  crashAt(n: number): void {
    this.#line?.crashAt(n);
  }

  /** Nothing reaches the process until `resume`; nothing of it is lost. */
  pause(): void {
    if (this.#line === undefined || this.#line.isPaused) return;
    this.#note('pauses', 'pause');
    this.#line.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.#universe.trace.add(this.#universe.timeline.nowMs, this.name, 'resume');
    this.#line?.resume();
  }

  /** The disk is replaced by an empty one. The process ends. */
  wipe(): void {
    this.#note('wipes', 'wipe');
    this.#end();
    this.disk.wipe();
  }

  /** Sets the clock so far ahead, or behind if it is below zero. */
  setSkew(ms: number): void {
    this.#note('skews', 'skew', String(ms));
    this.#skewMs = ms;
  }

  #crashWithin(): void {
    this.#universe.counts.crashesWithin += 1;
    this.crash();
    this.onCrash();
  }

  #end(): void {
    this.#line?.end();
    this.#line = undefined;
  }

  #note(
    count: 'boots' | 'crashes' | 'kills' | 'pauses' | 'wipes' | 'skews',
    what: string,
    detail?: string,
  ): void {
    this.#universe.counts[count] += 1;
    this.#universe.trace.add(this.#universe.timeline.nowMs, this.name, what, detail);
  }
}
