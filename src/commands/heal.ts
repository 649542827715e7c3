import { BaseCommand } from '../cli/baseCommand.js';
import { clearFaults, type ClearedFaults } from '../cli/changeFaults.js';
import { clearedText } from '../view/clearedText.js';

export default class Heal extends BaseCommand {
  static override summary = 'Clear all faults.';
  static override description =
    'Nodes that are paused or killed stay so; see "kvc resume" and "kvc restart".\n' +
    '--json: {cleared: [fault], faults: []}.';
  static override examples = ['<%= config.bin %> heal'];

  async run(): Promise<ClearedFaults> {
    const { flags } = await this.parse(Heal);
    const change = await clearFaults(flags.cluster);
    this.log(clearedText(change));
    return change;
  }
}
