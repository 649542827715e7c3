import { BaseCommand } from '../cli/baseCommand.js';
import { listFaults, type FaultWithQueue } from '../cli/listFaults.js';
import { faultsText } from '../view/faultsText.js';

export default class Faults extends BaseCommand {
  static override summary = 'List the faults that stand, and how many messages wait because of each.';
  static override description =
    '--json: {faults: [{id, target, links, kind, delay_ms, jitter_ms, expires_at_ms, waiting}]}; waiting is null if a ' +
    'node that would know does not answer.';
  static override examples = ['<%= config.bin %> faults'];

  async run(): Promise<{ faults: FaultWithQueue[] }> {
    const { flags } = await this.parse(Faults);
    const faults = await listFaults(flags.cluster);
    if (faults.length > 0) this.log(faultsText(faults, Date.now()));
    else this.logToStderr('No faults');
    return { faults };
  }
}
