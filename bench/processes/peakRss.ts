import { memoryOf } from './memoryOf.js';

/** The most memory that a process has had resident, in bytes; undefined where the system has no /proc. */
export function peakRssBytesOf(pid: number | undefined): number | undefined {
  return memoryOf(pid, 'VmHWM');
}
