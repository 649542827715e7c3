import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transform } from 'esbuild';

const docs = new URL('../../docs/testing.md', import.meta.url);
const built = new URL('../../dist/testing/index.js', import.meta.url);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kvc-docs-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** The program that the documentation shows below a heading, for the package as it is built. */
async function shownBelow(heading: string): Promise<string> {
  const text = await readFile(docs, 'utf8');
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const lines = section.trimStart().split('\n');
  const end = lines.findIndex((line) => line !== '' && !line.startsWith('    '));
  const program = lines.slice(0, end).map((line) => line.slice(4));
  return program.join('\n').replace(`'kvc/testing'`, `'${built.href}'`);
}

async function runTests(program: string): Promise<string> {
  const file = join(dir, 'shown.test.mjs');
  await writeFile(file, program);
  // A runner of tests that finds itself within another one reports to that.
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', file], { env, timeout: 30_000 });
  return stdout;
}

describe('docs/testing.md', () => {
  it('shows a test for node:test that passes', async () => {
    expect(await runTests(await shownBelow('node:test'))).toMatch(/pass 1\n/);
  });

  it('shows a test for vitest that passes', async () => {
    const shown = await shownBelow('vitest');
    const adapted = shown.replace(
      `import { expect, it } from 'vitest';`,
      `import { it } from 'node:test'; ${expectStandIn}`,
    );
    const { code } = await transform(adapted, { target: 'node20', loader: 'ts' });
    expect(await runTests(code)).toMatch(/pass 1\n/);
  });
});

/** The one matcher that is shown. */
const expectStandIn = `
const expect = (received) => ({
  toHaveLength: (length) => {
    if (received.length !== length) throw new Error(JSON.stringify(received));
  },
});`;
