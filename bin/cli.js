import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Runs the command line from `dist` (built) or `src` (by tsx). oclif takes that directory for its root, with the
 * settings of package.json, so that the manifest, which the build writes into dist, cannot reach a run from source:
 * one in the top directory makes oclif load dist whatever it was told. From the parts of @oclif/core, because its
 * index takes as long to load as node takes to start.
 */
export async function runCli(directory) {
  // Node 22 and later keep compiled code from run to run.
  module.enableCompileCache?.();
  const { execute } = await import('@oclif/core/execute');
  const root = fileURLToPath(new URL(`../${directory}/`, import.meta.url));
  const pjson = module.createRequire(import.meta.url)('../package.json');
  await execute({ loadOptions: { root, pjson } });
}
