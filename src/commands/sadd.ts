import { MembersCommand, membersDescription } from '../cli/membersCommand.js';
import type { BatchWriteJson } from '../protocol/api.js';

export default class Sadd extends MembersCommand {
  static override summary = 'Put members into a set.';
  static override description = membersDescription;
  static override usage =
    'sadd KEY MEMBER [MEMBER ...] [--node NODE] [--session NAME | --token TOKEN] [--replicas N]';
  static override examples = [
    '<%= config.bin %> sadd tags red',
    '<%= config.bin %> sadd tags red green --node 2',
  ];

  protected override writeOf(key: string, member: string): BatchWriteJson {
    return { key, add: member };
  }
}
