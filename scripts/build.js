import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../', import.meta.url));
const dist = `${top}dist/`;

compile();
await writeManifest();

/** From nothing: a file whose source is gone must not stay a command. */
function compile() {
  rmSync(dist, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', `${top}tsconfig.build.json`], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
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
