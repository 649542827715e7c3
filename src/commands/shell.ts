import { BaseCommand } from '../cli/baseCommand.js';
import { nodeFlag, sessionFlag } from '../cli/dataFlags.js';

export default class ShellCommand extends BaseCommand {
  static override summary = 'Type one command after another, at one node and in one session.';
  static override description =
    'The same verbs as commands, and: use NODE, session NAME|new|off, help, exit. Every command goes to the node and the ' +
    'session that the prompt shows. A shell without a named session has one of its own, so that it always reads its own ' +
    'writes and never goes back in time, whichever node it uses. Tab completes verbs, flags, nodes and keys; Ctrl-C ' +
    'clears the line or ends a watch; Ctrl-D ends the shell.\n' +
    'Where standard input is no terminal, its lines are carried out without a prompt, also behind one that fails; the ' +
    'exit status is that of the last one that failed.';
  static override examples = [
    '<%= config.bin %> shell',
    '<%= config.bin %> shell --node 2 --session alice',
    "printf 'incr visits\\nread visits\\n' | <%= config.bin %> shell",
  ];
  static override usage = 'shell [--node NODE] [--session NAME] [--cluster NAME]';
  static override enableJsonFlag = false;
  static override flags = { node: nodeFlag(), session: sessionFlag() };

  async run(): Promise<void> {
    const { flags } = await this.parse(ShellCommand);
    const { startShell } = await import('../cli/shell/startShell.js');
    const exitCode = await startShell(flags, this.config);
    if (exitCode !== 0) process.exitCode = exitCode;
  }
}
