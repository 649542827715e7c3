import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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

/** A program as a user writes it; its types are checked, and it is run. */
const program = `
import { connect, KvcError, type Entry, type KvcClient } from 'kvc';

interface Cart { readonly items: readonly string[] }

await using client: KvcClient = await connect({ timeout: 5000 });
const { dot } = await client.set('cart', { items: ['book'] } satisfies Cart);
const read: Entry<Cart> = await client.get<Cart>('cart', { node: 'node3' });
if (read.value?.items[0] !== 'book' || read.dot?.counter !== dot.counter) throw new Error(JSON.stringify(read));
const failure = await client.get('').catch((error: unknown) => error);
if (!(failure instanceof KvcError) || failure.code !== 'KVC_E_KEY_INVALID' || !failure.definite) throw failure;
`;

/** With the compiler of this repository: the project has none. */
function compileProgram() {
  const require = createRequire(import.meta.url);
  writeFileSync(join(dir, 'program.mts'), program);
  const types = join(require.resolve('@types/node/package.json'), '../..');
  const options = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
  ];
  const nodeTypes = ['--types', 'node', '--typeRoots', types, '--skipLibCheck', 'false'];
  run('node', require.resolve('typescript/bin/tsc'), ...options, ...nodeTypes, 'program.mts');
}

/** Importing the package loads one file of it, and undici: it can be imported where there is nothing else. */
function importAlone() {
  const alone = join(dir, 'alone');
  const modules = join(alone, 'node_modules');
  for (const path of ['kvc/package.json', 'kvc/dist/index.js', 'undici']) {
    cpSync(join(dir, 'node_modules', path), join(modules, path), { recursive: true });
  }
  writeFileSync(
    join(alone, 'alone.mjs'),
    "import { connect } from 'kvc'; if (connect === undefined) process.exit(1);",
  );
  run('node', join(alone, 'alone.mjs'));
}

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
    compileProgram();
    const { nodes } = JSON.parse(kvc('status', '--json'));
    env.KVC_NODES = nodes.map(({ url }) => url).join();
    run('node', 'program.mjs');
  } finally {
    kvc('down', '--purge');
  }
  importAlone();
  console.log(`${filename}: installs, runs a cluster, and can be imported, with its types`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
