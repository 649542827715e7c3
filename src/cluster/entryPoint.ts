import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** How to run a module of kvc as a process of its own. */
export interface EntryPoint {
  readonly path: string;
  /** What node needs to run it: from source, a loader of TypeScript. */
  readonly execArgv: readonly string[];
}

const runsFromSource = import.meta.url.endsWith('.ts');

/**
 * @param module - a process that the build bundles: relative to src/cluster, without its extension, and by way of the folder above,
 * as in the build this may be part of a file in another folder of dist
 */
export function entryPoint(module: string): EntryPoint {
  const path = fileURLToPath(new URL(`${module}.${runsFromSource ? 'ts' : 'cjs'}`, import.meta.url));
  return { path, execArgv: runsFromSource ? ['--import', loaderUrl()] : [] };
}

/** By its full address, because node would look for it from the user's working directory. */
function loaderUrl(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
