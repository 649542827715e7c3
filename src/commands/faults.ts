import { BaseCommand } from '../cli/baseCommand.js';
import { listFaults, type FaultWithTraffic } from '../cli/listFaults.js';
import { faultsText } from '../view/faultsText.js';

export default class Faults extends BaseCommand {
  static override summary = 'List the faults that stand, and what each does to messages.';
  static override description =
    'WAITING is how many messages wait now, SO FAR on how many the fault has acted, since it was made or the node that ' +
    'it acts in last started.\n' +
    '--json: {faults: [{id, target, links, kind, delay_ms, jitter_ms, percent, seed, expires_at_ms, waiting, acted}]}; ' +
    'waiting and acted are null if a node that would know does not answer.';
  static override examples = ['<%= config.bin %> faults'];

  async run(): Promise<{ faults: FaultWithTraffic[] }> {
    const { flags } = await this.parse(Faults);
    const faults = await listFaults(flags.cluster);
    if (faults.length > 0) this.log(faultsText(faults, Date.now()));
    else this.logToStderr('No faults');
    return { faults };
  }
}
