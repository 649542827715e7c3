import { CountCommand, countDescription } from '../cli/countCommand.js';

export default class Decr extends CountCommand {
  static override summary = 'Subtract from a counter.';
  static override description = countDescription;
  static override examples = ['<%= config.bin %> decr stock', '<%= config.bin %> decr stock 3 --node 2'];
  protected override readonly sign = -1;
}
