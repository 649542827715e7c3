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
  /** The directory with the manifest, as oclif spells it. */
  readonly root: string;
}

/** A plugin whose commands are in the program itself, where oclif would look for a file for each. */
class BundledPlugin extends Plugin {
  readonly #commands: BundledCommands;

  constructor({ commands, pjson, root }: Bundle) {
    super({ isRoot: true, pjson, root });
    this.#commands = commands;
  }

  override async findCommand(id: string): Promise<Command.Class> {
    const command = (await this.#commands[id]?.())?.default;
    if (command === undefined) throw new Error(`command ${id} is not in the bundle`);
    return Object.assign(command, { id, plugin: this });
  }
}

/**
 * Runs a command line of one command of the bundle, and nothing else: help, what there is not, and what concerns all commands
 * needs all plugins, so that is left to the program that is not bundled.
 * @returns undefined, with nothing done, if it is not one of those
 */
export function runBundled(argv: readonly string[], bundle: Bundle): Promise<unknown> | undefined {
  const [first = '', second = ''] = argv;
  const isOne = [first, `${first}:${second}`].some((id) => Object.hasOwn(bundle.commands, id));
  return isOne && !argv.includes('--help') ? run(argv, bundle) : undefined;
}

async function run(argv: readonly string[], bundle: Bundle): Promise<unknown> {
  const plugin = new BundledPlugin(bundle);
  await plugin.load();
  const { pjson, root } = bundle;
  return execute({
    args: [...argv],
    loadOptions: { root, pjson, plugins: new Map([[plugin.name, plugin]]) },
  });
}
