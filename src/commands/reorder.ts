import { PercentFaultCommand, percentFaultDescription } from '../cli/percentFaultCommand.js';

export default class Reorder extends PercentFaultCommand {
  static override summary = 'Let later messages to a node or on a link overtake a share of them.';
  static override description = `A message that is chosen waits 1 to 50 ms in the sending node; the others go on. ${percentFaultDescription}`;
  static override examples = [
    '<%= config.bin %> reorder node3 30%',
    '<%= config.bin %> reorder 1:3 100% --both --seed 7',
    '<%= config.bin %> reorder node3 off',
  ];
  protected override readonly kind = 'reorder';
}
