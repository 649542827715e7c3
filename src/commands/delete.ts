import * as Args from '@oclif/core/args';
import type { Answered } from '../cli/callNode.js';
import { changeKey } from '../cli/changeKey.js';
import { DataCommand } from '../cli/dataCommand.js';
import { conditionDescription, ifContextFlag, replicasFlag } from '../cli/writeFlags.js';
import type { WriteResponseJson } from '../protocol/api.js';
import { writeText } from '../view/writeText.js';

export default class Delete extends DataCommand {
  static override summary = 'Delete a key.';
  static override description =
    'A delete is a write like any other: it has a dot, and replaces what its node or session has seen of the key. ' +
    `Deleting a key that has no value is no error. ${conditionDescription}\n` +
    '--json: {node, key, value: null, dot, clock, session}.';
  static override examples = [
    '<%= config.bin %> delete a',
    '<%= config.bin %> delete a --node 2 --session alice',
  ];
  static override args = {
    key: Args.string({ required: true, ignoreStdin: true, description: 'Key to delete.' }),
  };

  static override flags = { ...ifContextFlag, ...replicasFlag };

  async run(): Promise<Answered & WriteResponseJson> {
    const { args, flags } = await this.parse(Delete);
    const result = await changeKey(flags, [{ key: args.key, delete: true }]);
    this.log(writeText(result, Date.now()));
    this.logToken(flags.token, result);
    return result;
  }
}
