import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('startThenClose.ts', import.meta.url));

it.each(['in-process', 'processes'])(
  'leaves a program nothing that keeps it from its end, %s',
  async (mode) => {
    const args = ['--import', 'tsx', program, mode];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
    const { left, msToExit } = JSON.parse(stdout) as { left: string[]; msToExit: number };
    expect(left).toEqual([]);
    // Keep-alive timers of connections, were one left, are seconds.
    expect(msToExit).toBeLessThan(3000);
  },
);
