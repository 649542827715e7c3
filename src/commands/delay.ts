import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/baseCommand.js';
import { addFault, clearFaults, type ClearedFaults } from '../cli/changeFaults.js';
import { faultFlags, faultTarget } from '../cli/faultFlags.js';
import { parseDelay } from '../cli/parseDelay.js';
import type { FaultJson } from '../cluster/controlApi.js';
import { clearedText } from '../view/clearedText.js';
import { faultText } from '../view/faultText.js';

export default class Delay extends BaseCommand {
  static override summary = 'Delay replication to a node or on a link.';
  static override description =
    'Every message waits in the sending node, for so long each; clients are not affected. A new delay on a link ' +
    'replaces the one before. "off" ends it, and lets what waits go at once.\n' +
    '--json: {id, target, links: [{source, target}], kind, delay_ms, jitter_ms, expires_at_ms}; with off {cleared, faults}.';
  static override examples = [
    '<%= config.bin %> delay node3 5s',
    '<%= config.bin %> delay 1:3 200ms±50ms --both --for 30s',
    '<%= config.bin %> delay node3 off',
  ];
  static override args = {
    target: faultTarget,
    delay: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'As in 5s, 200ms±50ms or 200ms+-50ms; or off.',
    }),
  };
  static override flags = faultFlags;

  async run(): Promise<FaultJson | ClearedFaults> {
    const { args, flags } = await this.parse(Delay);
    const { both } = flags;
    if (args.delay === 'off') {
      const change = await clearFaults(flags.cluster, { kind: 'delay', target: args.target, both });
      this.log(clearedText(change));
      return change;
    }
    const { delayMs, jitterMs } = parseDelay(args.delay);
    const effect = { kind: 'delay', delay_ms: delayMs, jitter_ms: jitterMs } as const;
    const nowMs = Date.now();
    const fault = await addFault({
      cluster: flags.cluster,
      target: args.target,
      both,
      forMs: flags.for,
      effect,
    });
    this.log(faultText(fault, nowMs));
    return fault;
  }
}
