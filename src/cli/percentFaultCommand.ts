import * as Args from '@oclif/core/args';
import { BaseCommand } from './baseCommand.js';
import { changeFault, type FaultChange } from './changeFaults.js';
import { faultFlags, faultTarget, seedFlag } from './faultFlags.js';
import { parsePercent } from '../notation/parsePercent.js';
import { renderFaultChange } from './renderFault.js';

/** What the commands that do something to a share of the messages have in common: all but what they do. */
export abstract class PercentFaultCommand extends BaseCommand {
  static override args = {
    target: faultTarget,
    percent: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'Share of the messages, as in 20% or 0.5%; or off.',
    }),
  };
  static override flags = { ...faultFlags, ...seedFlag };

  protected abstract readonly kind: 'drop' | 'duplicate' | 'reorder';

  async run(): Promise<FaultChange> {
    const { args, flags } = await this.parse(PercentFaultCommand);
    const { cluster, both, for: forMs, seed } = flags;
    const { kind } = this;
    const effect = args.percent === 'off' ? 'off' : { kind, percent: parsePercent(args.percent) };
    const nowMs = Date.now();
    const change = await changeFault({ cluster, target: args.target, both, forMs, seed }, kind, effect);
    this.log(renderFaultChange(change, nowMs, cluster));
    return change;
  }
}

/** The end of every such command's description. */
export const percentFaultDescription =
  'A new one on a link replaces the one before; "off" ends it. Chance decides of one message after another, the same ' +
  'for the same --seed; without it one is drawn, which "kvc faults" shows.\n' +
  '--json: {id, target, links: [{source, target}], kind, percent, seed, expires_at_ms}; with off {cleared, faults}.';
