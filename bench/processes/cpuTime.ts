import { readFileSync } from 'node:fs';

/** Linux counts in these; the kernel shows 100 a second to programs whatever its own clock does. */
const msPerTick = 10;

/** Processor time that a process has used, in ms to about 10; undefined where the system has no /proc. */
export function cpuMsOf(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}
