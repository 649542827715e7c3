import { readFileSync } from 'node:fs';

/** Linux counts in these; the kernel shows 100 a second to programs whatever its own clock does. */
const msPerTick = 10;

/** Processor time that a process has used, in ms to about 10; undefined where the system has no /proc. */
export function cpuMsOf(pid: number | undefined): number | undefined {
  const fields = statFieldsOf(pid);
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** The same of several processes together; undefined if it is not known of one of them. */
export function cpuMsOfAll(pids: readonly (number | undefined)[]): number | undefined {
  return pids
    .map(cpuMsOf)
    .reduce((sum, ms) => (sum === undefined || ms === undefined ? undefined : sum + ms), 0);
}

/** Processor time of the processes that this one has started and that have ended, in ms to about 10. */
export function endedChildrenCpuMs(): number | undefined {
  const fields = statFieldsOf(process.pid);
  return fields === undefined ? undefined : (Number(fields[13]) + Number(fields[14])) * msPerTick;
}

/** From the third on, so the process's own user and system time are fields 11 and 12. */
function statFieldsOf(pid: number | undefined): string[] | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
