import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { summarise } from './statistics.js';

/** What figures of another machine, or of a busy one, are not to be compared with. */
export interface MachineFacts {
  readonly cpus: number;
  readonly cpu_model: string;
  readonly memory_gib: number;
  readonly node: string;
  readonly kernel: string;
  /** Runnable processes over the last minute, before the benchmark began. */
  readonly load: number;
  /** Median time to make 512 appended bytes durable where the nodes keep their data. */
  readonly fdatasync_ms: number;
}

/** @param dir - where the nodes' data will be */
export function machineFacts(dir: string): MachineFacts {
  return {
    cpus: availableParallelism(),
    cpu_model: cpus()[0]?.model.trim() ?? 'unknown',
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: `${type()} ${release()}`,
    load: loadavg()[0] ?? 0,
    fdatasync_ms: flushMs(dir),
  };
}

function flushMs(dir: string): number {
  const path = join(dir, 'flush-probe');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(512);
  const samples = Array.from({ length: 100 }, () => {
    writeSync(file, block);
    const beganMs = performance.now();
    fdatasyncSync(file);
    return performance.now() - beganMs;
  });
  closeSync(file);
  unlinkSync(path);
  return summarise(samples).median;
}
