import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Installs the package as a user would get it, in an empty project, and uses it: a file that is missing from the tarball,
 * or a development dependency that the program needs, shows here and nowhere else.
 */
const top = fileURLToPath(new URL('../', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'kvc-tarball-'));
const env = { ...process.env, KVC_HOME: join(dir, 'home') };
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const kvc = (...args) => run(join(dir, 'node_modules/.bin/kvc'), ...args);

try {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
      cwd: top,
      encoding: 'utf8',
    }),
  );
  writeFileSync(join(dir, 'package.json'), '{"private": true, "type": "module"}');
  run('npm', 'install', '--no-save', '--prefer-offline', join(dir, filename));
  kvc('up', '-d');
  try {
    kvc('write', '--node', '1', '--session', 'alice', 'a', '1');
    const read = JSON.parse(kvc('read', '--node', '3', '--session', 'alice', 'a', '--json'));
    if (read.value !== '1') throw new Error(`read ${JSON.stringify(read)}`);
  } finally {
    kvc('down', '--purge');
  }
  run('node', '--eval', "import('kvc').then(({ KvcError }) => new KvcError('KVC_E_INTERNAL', ''))");
  console.log(`${filename}: installs, runs a cluster, and can be imported`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
