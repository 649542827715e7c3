import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type * as runSeed from '../../src/simulate/runSeed.js';
import type { Rule } from './rules.js';

const top = fileURLToPath(new URL('../../', import.meta.url));

/** The simulator, and the product in it, without one of its rules. */
export async function withoutRule(rule: Rule): Promise<typeof runSeed> {
  const dir = await mkdtemp(join(tmpdir(), 'kvc-rule-'));
  try {
    const file = join(dir, 'simulate.mjs');
    await build({
      entryPoints: [join(top, 'src/simulate/runSeed.ts')],
      outfile: file,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      plugins: [edited(rule)],
      logLevel: 'warning',
    });
    return (await import(pathToFileURL(file).href)) as typeof runSeed;
  } finally {
    await rm(dir, { recursive: true });
  }
}

function edited(rule: Rule): Plugin {
  return {
    name: 'without a rule',
    setup(bundle) {
      bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const edits = rule.edits.filter(({ file }) => join(top, file) === path);
        if (edits.length === 0) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const { from, to } of edits) {
          if (contents.split(from).length !== 2) throw new Error(`${path} does not have once: ${from}`);
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}
