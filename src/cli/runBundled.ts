import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';
import { execute } from '@oclif/core/execute';
import type { PJSON } from '@oclif/core/interfaces';

/** What loads each command of the bundle, by the command's id. */
export type BundledCommands = Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>>;

export interface Bundle {
  readonly commands: BundledCommands;
  /** package.json as the bundle was made of it. */
  readonly pjson: PJSON;
  /** The directory that oclif takes for the program's. */
  readonly root: string;
}

/**
 * Runs a command line of one command of the bundle, and nothing else: help, what there is not, and what concerns all commands
 * needs all plugins, so that is left to the program that is not bundled.
 * @returns undefined, with nothing done, if it is not one of those
 */
export function runBundled(argv: readonly string[], bundle: Bundle): Promise<unknown> | undefined {
  const [first = '', second = ''] = argv;
  const id = [first, `${first}:${second}`].find((each) => Object.hasOwn(bundle.commands, each));
  const load = id === undefined ? undefined : bundle.commands[id];
  if (id === undefined || load === undefined || argv.includes('--help')) return undefined;
  return run(id, load, argv, bundle);
}

async function run(
  id: string,
  load: BundledCommands[string],
  argv: readonly string[],
  bundle: Bundle,
): Promise<unknown> {
  const { root } = bundle;
  const pjson = forOneCommand(bundle.pjson);
  const plugin = new Plugin({ isRoot: true, ignoreManifest: true, root, pjson });
  await plugin.load();
  const command = Object.assign((await load()).default, { id, plugin });
  plugin.commands = [{ ...known, id, load: () => Promise.resolve(command) }];
  const args = [id, ...argv.slice(id.split(':').length)];
  return execute({ args, loadOptions: { root, pjson, plugins: new Map([[plugin.name, plugin]]) } });
}

/** What oclif is told of a command before it is loaded, for help and completion; here nobody asks. */
const known = { aliases: [], args: {}, flags: {}, hasDynamicHelp: false, hidden: false, hiddenAliases: [] };

/**
 * oclif would read the manifest, sort all commands, and look for the one that is meant, a quarter of the time that it takes; it is
 * given one, by its id.
 */
function forOneCommand(pjson: PJSON): PJSON {
  const oclif = { ...pjson.oclif };
  delete oclif.commands;
  delete oclif.topicSeparator;
  return { ...pjson, oclif };
}
