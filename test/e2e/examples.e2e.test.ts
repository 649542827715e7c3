import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.js'));

it.each(files)('examples/%s runs by itself, and what it says is so', async (file) => {
  const args = file.endsWith('.test.js') ? ['--test', file] : [file];
  const { exitCode, stdout, stderr } = await execa(process.execPath, args, {
    cwd: folder,
    reject: false,
    // Among others what would tell a `node --test` in it that this is one.
    env: { NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
  });
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
});

it('each example is told of', () => {
  expect(files.length).toBeGreaterThanOrEqual(5);
  const index = readFileSync(`${folder}/README.md`, 'utf8');
  for (const file of files) expect(index).toContain(`(${file})`);
});
