import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from './paths.js';

/** Builds dist unless it is newer than all it is made from. Processes are measured as users run them: built, without tsx. */
export function buildIfStale(): void {
  const sources = ['src', 'scripts/build.js', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
  const changedMs = Math.max(...sources.map((source) => newestMs(join(paths.top, source))));
  if (existsSync(paths.nodeMain) && statSync(paths.nodeMain).mtimeMs > changedMs) return;
  process.stderr.write('dist is older than src: building\n');
  execFileSync(process.execPath, [join(paths.top, 'scripts/build.js')], { stdio: 'inherit' });
}

function newestMs(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
