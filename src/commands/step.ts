import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/baseCommand.js';
import { parseCount } from '../cli/parseCount.js';
import { stepLink, type StepResult } from '../cli/stepLink.js';
import { limits } from '../protocol/limits.js';
import { stepText } from '../view/stepText.js';

export default class Step extends BaseCommand {
  static override summary = 'Let held updates of a link through, one by one.';
  static override description = '--json: {source, target, released: [{node, counter}], held}.';
  static override examples = ['<%= config.bin %> step node1:node3', '<%= config.bin %> step 1:3 10'];
  static override args = {
    link: Args.string({ required: true, ignoreStdin: true, description: 'A held link: node1:node3.' }),
    count: Args.string({ ignoreStdin: true, description: 'How many updates. Default: 1.' }),
  };

  async run(): Promise<StepResult> {
    const { args, flags } = await this.parse(Step);
    const count = parseCount(args.count ?? '1', 'count', limits.replicateUpdatesMax);
    const result = await stepLink(flags.cluster, args.link, count);
    this.log(stepText(result));
    return result;
  }
}
