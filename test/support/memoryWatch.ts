import { readFileSync } from 'node:fs';

const sampleMs = 50;

/** Samples how much memory (RSS) processes take, and keeps the greatest figure of each. */
export class MemoryWatch {
  readonly #mostMb = new Map<string, number>();
  readonly #pids: () => ReadonlyMap<string, number>;
  #timer: NodeJS.Timeout | undefined;

  /** @param pids - by name; asked at every sample, for processes come and go */
  constructor(pids: () => ReadonlyMap<string, number>) {
    this.#pids = pids;
  }

  start(): void {
    this.#timer = setInterval(() => this.#sample(this.#pids()), sampleMs);
  }

  /** The most that each has taken, in MB. */
  stop(): ReadonlyMap<string, number> {
    clearInterval(this.#timer);
    return this.#mostMb;
  }

  #sample(pids: ReadonlyMap<string, number>): void {
    for (const [name, pid] of pids) {
      const mb = residentMb(pid);
      if (mb !== undefined) this.#mostMb.set(name, Math.max(mb, this.#mostMb.get(name) ?? 0));
    }
  }
}

/** undefined for a process that is gone. */
function residentMb(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
