import * as Args from '@oclif/core/args';
import type { BatchWriteJson, WriteResponseJson } from '../protocol/api.js';
import { changeText } from '../view/writeText.js';
import type { Answered } from './callNode.js';
import { changeKey } from './changeKey.js';
import { DataCommand } from './dataCommand.js';
import { replicasFlag } from './writeFlags.js';

/** What the commands that change a set have in common: all but what is done with the members. */
export abstract class MembersCommand extends DataCommand {
  static override args = {
    key: Args.string({ required: true, ignoreStdin: true, description: 'Key of the set.' }),
    members: Args.string({ multiple: true, required: true, ignoreStdin: true, description: 'Members.' }),
  };
  static override flags = replicasFlag;

  /** What is done with one member. */
  protected abstract writeOf(key: string, member: string): BatchWriteJson;

  async run(): Promise<Answered & WriteResponseJson> {
    const { args, flags } = await this.parse(MembersCommand);
    const result = await changeKey(
      flags,
      args.members.map((member) => this.writeOf(args.key, member)),
    );
    this.log(changeText(result, '{}'));
    this.logToken(flags.token, result);
    return result;
  }
}

/** The end of every such command's description. */
export const membersDescription =
  'Several members are one update. A set merges: of a member that is added and removed at the same time, the addition ' +
  'stays. It begins where the key holds nothing, and "kvc read KEY" shows it.\n' +
  '--json: {node, key, value, type: "set", members: [{value}], dot, clock, session}; for a set without members value is null.';
