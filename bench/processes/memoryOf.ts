import { readFileSync } from 'node:fs';

/** What Linux tells of a process's memory: VmRSS is what is resident now, VmHWM the most that was. */
export type MemoryField = 'VmRSS' | 'VmHWM';

/** In bytes; undefined where the system has no /proc. */
export function memoryOf(pid: number | undefined, field: MemoryField): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
