import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTypes } from './tarball/checkTypes.js';
import { checkLoadedModules } from './tarball/loadedModules.js';
import { installNodes } from './tarball/nodeVersions.js';
import { program } from './tarball/program.js';

/**
 * Installs the package as a user would get it, in an empty project, and uses it: a file that is missing from the tarball,
 * or a development dependency that the program needs, shows here and nowhere else.
 */
const top = fileURLToPath(new URL('../', import.meta.url));
const dir = realpathSync(mkdtempSync(join(tmpdir(), 'kvc-tarball-')));
const env = { ...process.env, KVC_HOME: join(dir, 'home') };
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const kvc = (...args) => run(join(dir, 'node_modules/.bin/kvc'), ...args);

function install(...packages) {
  run('npm', 'install', '--prefer-offline', ...packages);
}

/** Nobody gets Keyv or unstorage with the package; who has them plugs it in. */
function installPlugs() {
  const { devDependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  const plugs = ['keyv', 'unstorage'];
  const uninvited = plugs.filter((name) => existsSync(join(dir, 'node_modules', name)));
  if (uninvited.length > 0) throw new Error(`installed with the package: ${uninvited.join()}`);
  install(...plugs.map((name) => `${name}@${devDependencies[name]}`));
}

/** The command line, and what programs import, under every version of Node. */
function useCluster(nodes) {
  kvc('up', '-d');
  try {
    kvc('write', '--node', '1', '--session', 'alice', 'a', '1');
    const read = JSON.parse(kvc('read', '--node', '3', '--session', 'alice', 'a', '--json'));
    if (read.value !== '1') throw new Error(`read ${JSON.stringify(read)}`);
    env.KVC_NODES = JSON.parse(kvc('status', '--json'))
      .nodes.map(({ url }) => url)
      .join();
    return nodes.map(([version, path]) => {
      run(path, 'program.mjs');
      return `${version} (${checkLoadedModules(dir, (file) => run(path, file))} files of kvc)`;
    });
  } finally {
    kvc('down', '--purge');
  }
}

try {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
      cwd: top,
      encoding: 'utf8',
    }),
  );
  writeFileSync(join(dir, 'package.json'), '{"private": true, "type": "module"}');
  install(join(dir, filename));
  installPlugs();
  const checked = checkTypes(join(dir, 'program.mts'), program);
  const used = useCluster(installNodes(dir));
  console.log(`${filename}: installs, and runs a cluster; its types hold by ${checked} configurations;`);
  console.log(`all that can be imported works with Node ${used.join(', ')}, and connect loads undici alone`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
