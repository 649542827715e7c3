import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Versions of Node that the package promises to run on. */
const majors = [20, 22, 24];

/**
 * The program of each version: this one, and the others from the registry, each in a project of its own.
 * @returns pairs of version and path
 */
export function installNodes(dir) {
  return majors.map((major) => {
    const isThis = process.version.startsWith(`v${major}.`);
    const path = isThis ? process.execPath : install(join(dir, `node${major}`), major);
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
    if (!version.startsWith(`v${major}.`)) throw new Error(`${path} is ${version}`);
    return [version, path];
  });
}

function install(dir, major) {
  mkdirSync(dir);
  writeFileSync(join(dir, 'package.json'), '{"private": true}');
  execFileSync('npm', ['install', '--prefer-offline', `node@${major}`], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(dir, 'node_modules/node/bin/node');
}
