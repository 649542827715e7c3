import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/baseCommand.js';
import { changeFault, type FaultChange } from '../cli/changeFaults.js';
import { faultFlags, faultTarget, seedFlag } from '../cli/faultFlags.js';
import { parseDelay } from '../notation/parseDelay.js';
import { renderFaultChange } from '../cli/renderFault.js';
import type { LinkEffectJson } from '../cluster/controlApi.js';

export default class Delay extends BaseCommand {
  static override summary = 'Delay replication to a node or on a link.';
  static override description =
    'Every message waits in the sending node, for so long each; clients are not affected. A new delay on a link ' +
    'replaces the one before. "off" ends it, and lets what waits go at once.\n' +
    '--json: {id, target, links: [{source, target}], kind, delay_ms, jitter_ms, seed, expires_at_ms}; with off {cleared, faults}.';
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
  static override flags = { ...faultFlags, ...seedFlag };

  async run(): Promise<FaultChange> {
    const { args, flags } = await this.parse(Delay);
    const { cluster, both, for: forMs, seed } = flags;
    const effect = args.delay === 'off' ? 'off' : effectOf(args.delay);
    const nowMs = Date.now();
    const change = await changeFault({ cluster, target: args.target, both, forMs, seed }, 'delay', effect);
    this.log(renderFaultChange(change, nowMs, cluster));
    return change;
  }
}

function effectOf(text: string): LinkEffectJson {
  const { delayMs, jitterMs } = parseDelay(text);
  return { kind: 'delay', delay_ms: delayMs, jitter_ms: jitterMs };
}
