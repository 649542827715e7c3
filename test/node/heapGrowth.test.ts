import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Makes 100 MB, lets go of them, and then does nothing. */
const program = `
  import { boundGarbage } from '${fileURLToPath(new URL('../../src/node/heapGrowth.ts', import.meta.url))}';
  boundGarbage();
  const usedMb = () => process.memoryUsage().heapUsed / 2 ** 20;
  let made = Array.from({ length: 1_000_000 }, (_, index) => ({ index, list: [index] }));
  const before = usedMb();
  made = undefined;
  const left = setInterval(() => {
    if (usedMb() < 30) end();
  }, 100);
  const limit = setTimeout(end, 5000);
  function end() {
    clearInterval(left);
    clearTimeout(limit);
    console.log(JSON.stringify({ before, after: usedMb(), gc: typeof globalThis.gc }));
  }
`;

it('a node that has little to do gives back the memory that it used before', async () => {
  const run = promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    program,
  ]);
  const { before, after, gc } = JSON.parse((await run).stdout) as {
    before: number;
    after: number;
    gc: string;
  };
  expect(before).toBeGreaterThan(80);
  expect(after).toBeLessThan(30);
  expect(gc).toBe('undefined');
});
