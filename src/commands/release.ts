import { BaseCommand } from '../cli/baseCommand.js';
import { clearFaults, type ClearedFaults } from '../cli/changeFaults.js';
import { faultFlags, faultTarget } from '../cli/faultFlags.js';
import { clearedText } from '../view/clearedText.js';

export default class Release extends BaseCommand {
  static override summary = 'Release held links: what waits goes out, in order.';
  static override description =
    '--json: {cleared: [fault], faults: [fault]}; faults are those that still stand.';
  static override examples = ['<%= config.bin %> release node1:node3', '<%= config.bin %> release all'];
  static override args = { target: faultTarget };
  static override flags = { both: faultFlags.both };

  async run(): Promise<ClearedFaults> {
    const { args, flags } = await this.parse(Release);
    const change = await clearFaults(flags.cluster, { kind: 'hold', target: args.target, both: flags.both });
    this.log(clearedText(change));
    return change;
  }
}
