import { PercentFaultCommand, percentFaultDescription } from '../cli/percentFaultCommand.js';

export default class Drop extends PercentFaultCommand {
  static override summary = 'Lose a share of the messages to a node or on a link.';
  static override description =
    'A lost message never arrives; the sending node notices after 100 ms, and sends again. Answers are not lost, and ' +
    `clients are not affected. ${percentFaultDescription}`;
  static override examples = [
    '<%= config.bin %> drop node3 20%',
    '<%= config.bin %> drop 1:3 0.5% --both --for 30s --seed 7',
    '<%= config.bin %> drop node3 off',
  ];
  protected override readonly kind = 'drop';
}
