import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** 100 MB that are made, and kept or let go; then the heap is looked at ten times. Tells its MB before and after, and how often all of it was collected. */
const program = (keeps: boolean): string => `
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { boundGarbage } from '${fileURLToPath(new URL('../../src/node/heapGrowth.ts', import.meta.url))}';
  let look;
  globalThis.setInterval = (run) => ((look = run), { unref: () => undefined });
  boundGarbage();
  const usedMb = () => process.memoryUsage().heapUsed / 2 ** 20;
  let made = Array.from({ length: 1_000_000 }, (_, index) => ({ index, list: [index] }));
  const before = usedMb();
  if (!${keeps}) made = undefined;
  let forced = 0;
  const seen = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) forced += 1;
  });
  seen.observe({ entryTypes: ['gc'] });
  for (let count = 0; count < 10; count += 1) {
    look();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log(JSON.stringify({ before, after: usedMb(), forced, kept: made?.length, gc: typeof globalThis.gc }));
`;

interface Seen {
  readonly before: number;
  readonly after: number;
  readonly forced: number;
  readonly gc: string;
}

async function run(keeps: boolean): Promise<Seen> {
  const args = ['--import', 'tsx', '--input-type=module', '-e', program(keeps)];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as Seen;
}

it('a node that has little to do gives back the memory that it used before', async () => {
  const { before, after, forced, gc } = await run(false);
  expect(before).toBeGreaterThan(80);
  expect(after).toBeLessThan(30);
  expect([forced, gc]).toEqual([1, 'undefined']);
});

it('a node that still needs the memory looks for garbage in vain only once', async () => {
  const { after, forced } = await run(true);
  expect(after).toBeGreaterThan(80);
  expect(forced).toBe(1);
});
