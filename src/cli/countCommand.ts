import * as Args from '@oclif/core/args';
import type { WriteResponseJson } from '../protocol/api.js';
import { changeText } from '../view/writeText.js';
import type { Answered } from './callNode.js';
import { changeKey } from './changeKey.js';
import { DataCommand } from './dataCommand.js';
import { parseCount } from './parseCount.js';
import { replicasFlag } from './writeFlags.js';

/** What the commands that change a counter have in common: all but the direction. */
export abstract class CountCommand extends DataCommand {
  static override args = {
    key: Args.string({ required: true, ignoreStdin: true, description: 'Key of the counter.' }),
    by: Args.string({ ignoreStdin: true, description: 'By how much: a whole number. Default: 1.' }),
  };
  static override flags = replicasFlag;

  protected abstract readonly sign: 1 | -1;

  async run(): Promise<Answered & WriteResponseJson> {
    const { args, flags } = await this.parse(CountCommand);
    const amount = this.sign * parseCount(args.by ?? '1', 'BY', 10 ** 15 - 1);
    const result = await changeKey(flags, [{ key: args.key, increment: amount }]);
    this.log(changeText(result, '(none)'));
    this.logToken(flags.token, result);
    return result;
  }
}

/** The end of every such command's description. */
export const countDescription =
  'A counter merges: what nodes count at the same time adds up. It begins where the key holds nothing. A write or delete ' +
  'of the key that has not seen an increment takes it away.\n' +
  '--json: {node, key, value, type: "counter", dot, clock, session}; value is the count as text.';
