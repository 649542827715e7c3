import { BaseCommand } from '../cli/baseCommand.js';
import { addFault } from '../cli/changeFaults.js';
import { faultFlags, faultTarget } from '../cli/faultFlags.js';
import { renderFault } from '../cli/renderFault.js';
import type { FaultJson } from '../cluster/controlApi.js';

export default class Hold extends BaseCommand {
  static override summary = 'Hold replication on links: a debugger for the order of delivery.';
  static override description =
    'Messages queue in the sending node until "kvc step" lets them through one at a time, or "kvc release" all at ' +
    'once.\n--json: {id, target, links: [{source, target}], kind: "hold", seed, expires_at_ms}.';
  static override examples = ['<%= config.bin %> hold node1:node3', '<%= config.bin %> hold all --for 1m'];
  static override args = { target: faultTarget };
  static override flags = faultFlags;

  async run(): Promise<FaultJson> {
    const { args, flags } = await this.parse(Hold);
    const nowMs = Date.now();
    const { cluster, both, for: forMs } = flags;
    const fault = await addFault({ cluster, target: args.target, both, forMs }, { kind: 'hold' });
    this.log(renderFault(fault, nowMs, cluster));
    return fault;
  }
}
