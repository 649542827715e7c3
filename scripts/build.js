import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../', import.meta.url));
const dist = `${top}dist/`;

compile();
await bundleProcesses();
await bundleWorker();
await bundleLibrary();
await writeManifest();
await bundleCommands();
linkCommand();

/** From nothing: a file whose source is gone must not stay a command. */
function compile() {
  rmSync(dist, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', `${top}tsconfig.build.json`], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

/**
 * Puts the processes that commands start into one file each, for a start of `kvc up` loads a supervisor and every node: most of
 * their start was finding and compiling a hundred small modules. What is in no bundle is lmdb, whose binary has to be of its version, and what lmdb itself
 * loads.
 */
async function bundleProcesses() {
  for (const name of ['node/main', 'cluster/supervisorMain']) {
    await bundleProgram(`${name}Program`, {
      entryPoints: [`${top}src/${name}.ts`],
      external: ['lmdb', 'msgpackr'],
    });
    const program = JSON.stringify(`/${name.split('/').at(-1)}Program.cjs`);
    writeFileSync(
      `${dist}${name}.cjs`,
      `require('../../bin/loadProgram.cjs').loadProgram(__dirname + ${program});\n`,
    );
  }
}

/** The threads of simulations. Bundled CommonJS modules ask for node's own modules by a `require` that modules do not have. */
async function bundleWorker() {
  await bundle({
    entryPoints: entriesOf('simulate/workerMain'),
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
}

/** One file for each entry, and files for what several share. */
async function bundle(options) {
  const { build } = await import('esbuild');
  await build({
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    allowOverwrite: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    ...options,
  });
}

function entriesOf(...paths) {
  return paths.map((path) => ({ in: `${top}src/${path}.ts`, out: path }));
}

/**
 * Puts what programs import into a few files, so that importing it costs little more than importing undici, and nothing of the
 * commands is loaded with it. What several entries import is in a file that they share, for a KvcError must be the same class in all
 * of them; `errors` is one of them on behalf of what is not bundled. Types stay as tsc wrote them.
 */
async function bundleLibrary() {
  await bundle({
    entryPoints: entriesOf('index', 'errors', 'keyv/index', 'unstorage/index'),
    external: ['undici'],
  });
}

/** The manifest spares every run the loading of every command. It stands in dist: see bin/cli.js. */
async function writeManifest() {
  const { Plugin } = await import('@oclif/core');
  const pjson = JSON.parse(readFileSync(`${top}package.json`, 'utf8'));
  const plugin = new Plugin({
    root: dist,
    isRoot: true,
    pjson,
    ignoreManifest: true,
    errorOnManifestCreate: true,
  });
  await plugin.load();
  writeFileSync(`${dist}oclif.manifest.json`, JSON.stringify(plugin.manifest));
}

/**
 * Puts the commands that ask a cluster for something, and of oclif what they need, into one file that bin/run.cjs loads: most of
 * their time went into finding and compiling 200 files. The others take far longer than their start, and load what this
 * does not have; they are run from the files that tsc wrote.
 */
async function bundleCommands() {
  const apart = ['bench', 'check', 'demo', 'shell', 'simulate', 'torture'];
  const { commands } = JSON.parse(readFileSync(`${dist}oclif.manifest.json`, 'utf8'));
  const ids = Object.keys(commands).filter((id) => !apart.includes(id));
  const modules = ids.map((id) => `'${id}': () => import('./src/commands/${id.replaceAll(':', '/')}.ts'),`);
  await bundleProgram('cli/program', {
    stdin: {
      contents: `
        import pjson from './package.json';
        import { runBundled } from './src/cli/runBundled.ts';
        const commands = { ${modules.join('\n')} };
        export const run = (argv, root) => runBundled(argv, { commands, pjson, root });`,
      resolveDir: top,
    },
    // What oclif asks for where it runs from source.
    external: ['typescript'],
  });
}

/** One file of CommonJS as bin/loadProgram.cjs takes it, with a `require` for what is imported at run time. */
async function bundleProgram(name, options) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    outfile: `${dist}${name}.cjs`,
    write: false,
    bundle: true,
    // Not the names: they are what a stack trace tells.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    define: { 'import.meta.url': '__url' },
    banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href;" },
    ...options,
  });
  writeProgram(`${dist}${name}.cjs`, outputFiles[0].text);
}

/** As bin/loadProgram.cjs wants it. esbuild leaves what is not ASCII in regular expressions, where its escape is the same. */
function writeProgram(path, text) {
  const source = text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const stamp = createHash('sha256').update(source).digest('hex');
  writeFileSync(path, `//${stamp}\n${source}`);
}

/**
 * Makes `npx kvc` in a clone run the clone's own program. npm links the programs of dependencies only; without the link
 * npx would install the clone into its cache first, which fails when an earlier attempt left something there.
 */
function linkCommand() {
  const links = `${top}node_modules/.bin/`;
  if (process.platform === 'win32' || !existsSync(links)) return;
  chmodSync(`${top}bin/run.cjs`, 0o755);
  rmSync(`${links}kvc`, { force: true });
  symlinkSync('../../bin/run.cjs', `${links}kvc`);
}
