import { CountCommand, countDescription } from '../cli/countCommand.js';

export default class Incr extends CountCommand {
  static override summary = 'Add to a counter.';
  static override description = countDescription;
  static override examples = [
    '<%= config.bin %> incr visits',
    '<%= config.bin %> incr visits 10 --node 2 --session alice',
  ];
  protected override readonly sign = 1;
}
