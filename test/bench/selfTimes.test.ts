import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { topSelfTimes } from '../../bench/measure/selfTimes.js';

const dir = mkdtempSync(join(tmpdir(), 'kvc-self-times-'));

afterAll(() => rmSync(dir, { recursive: true }));

it('tells which functions took the time in which a process was not idle, and where they come from', () => {
  const bundle = join(dir, 'bundle.js');
  writeFileSync(bundle, '// src/a.ts\nfunction f() {}\n// src/b.ts\n\nfunction g() {}\n');
  const { href: url } = pathToFileURL(bundle);
  const node = (id: number, functionName: string, lineNumber: number, from = url) => ({
    id,
    callFrame: { functionName, url: from, lineNumber },
  });
  const profile = {
    nodes: [
      node(1, '(idle)', -1, ''),
      node(2, 'f', 1),
      node(3, 'g', 4),
      node(4, 'g', 4),
      node(5, 'on', 9, 'node:net'),
    ],
    samples: [1, 2, 3, 4, 5],
    timeDeltas: [1000, 30, 25, 25, 20],
  };
  const path = join(dir, 'one.cpuprofile');
  writeFileSync(path, JSON.stringify(profile));
  expect(topSelfTimes(path, 2)).toEqual([
    { name: 'g, src/b.ts', percent: 50 },
    { name: 'f, src/a.ts', percent: 30 },
  ]);
  expect(topSelfTimes(path, 9).at(-1)).toEqual({ name: 'on, node:net:10', percent: 20 });
});
