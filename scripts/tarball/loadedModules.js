import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Connects, reads, and prints every file that was loaded for it: modules by a hook, CommonJS by the cache of require. */
const probe = `
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
const hook = \`
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    writeSync(1, url + '\\\\n');
    return next(url, context);
  }\`;
register('data:text/javascript,' + encodeURIComponent(hook));
const { connect } = await import('kvc');
const client = await connect();
await client.get('a');
await client.close();
for (const path of Object.keys(createRequire(import.meta.url).cache)) console.log(pathToFileURL(path).href);
`;

/**
 * A client needs undici, and no other package: it is to cost an application nothing that it does not use.
 * @param run - runs a program in the project
 * @returns how many files of the package itself were loaded
 */
export function checkLoadedModules(dir, run) {
  writeFileSync(join(dir, 'loaded.mjs'), probe);
  const files = run('loaded.mjs')
    .split('\n')
    .filter((url) => url.startsWith('file:'));
  const ours = files.filter((url) => url.includes('/node_modules/kvc/dist/'));
  const foreign = files.filter((url) => !/\/node_modules\/(kvc\/dist|undici)\//.test(url));
  if (ours.length === 0 || foreign.length > 0) throw new Error(`connect loads ${foreign.join()}`);
  return ours.length;
}
