import { PercentFaultCommand, percentFaultDescription } from '../cli/percentFaultCommand.js';

export default class Duplicate extends PercentFaultCommand {
  static override summary = 'Send a share of the messages to a node or on a link twice.';
  static override description = `The copy follows at once, and its answer is not waited for. ${percentFaultDescription}`;
  static override examples = [
    '<%= config.bin %> duplicate node3 10%',
    '<%= config.bin %> duplicate all 50% --for 1m --seed 7',
    '<%= config.bin %> duplicate node3 off',
  ];
  protected override readonly kind = 'duplicate';
}
