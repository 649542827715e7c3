import { Help } from '@oclif/core/help';
import type { Command } from '@oclif/core/command';

/** In the order in which someone new needs them. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'START HERE': ['demo'],
  LIFECYCLE: ['up', 'status', 'ls', 'logs', 'add', 'remove', 'down', 'run'],
  DATA: ['write', 'read', 'delete', 'list', 'watch', 'incr', 'decr', 'sadd', 'srem', 'shell'],
  FAULTS: [
    ...['delay', 'drop', 'duplicate', 'reorder', 'partition', 'hold', 'step', 'release', 'heal', 'faults'],
    ...['pause', 'resume', 'kill', 'restart'],
  ],
  INSIGHT: ['inspect'],
  PROVE: ['simulate', 'torture', 'check', 'bench'],
};

/** oclif's help, with the commands at the root in groups. One that is in no group shows under MORE. */
export default class GroupedHelp extends Help {
  protected override formatCommands(commands: Command.Loadable[]): string {
    if (commands.some(({ id }) => id.includes(':') || id.includes(' ')))
      return super.formatCommands(commands);
    const grouped = Object.values(groups).flat();
    const rest = commands.map(({ id }) => id).filter((id) => !grouped.includes(id));
    return Object.entries({ ...groups, MORE: rest })
      .map(([title, ids]) => this.#formatGroup(title, ids, commands))
      .filter((section) => section !== '')
      .join('\n\n');
  }

  #formatGroup(title: string, ids: readonly string[], commands: readonly Command.Loadable[]): string {
    const members = ids.flatMap((id) => commands.filter((command) => command.id === id));
    return super.formatCommands(members).replace('COMMANDS', title);
  }
}
