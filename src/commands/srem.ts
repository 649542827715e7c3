import { MembersCommand, membersDescription } from '../cli/membersCommand.js';
import type { BatchWriteJson } from '../protocol/api.js';

export default class Srem extends MembersCommand {
  static override summary = 'Take members out of a set.';
  static override description = membersDescription;
  static override usage =
    'srem KEY MEMBER [MEMBER ...] [--node NODE] [--session NAME | --token TOKEN] [--replicas N]';
  static override examples = [
    '<%= config.bin %> srem tags red',
    '<%= config.bin %> srem tags red green --node 2',
  ];

  protected override writeOf(key: string, member: string): BatchWriteJson {
    return { key, remove: member };
  }
}
