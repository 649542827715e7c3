import * as Flags from '@oclif/core/flags';
import { callNode, type Answered } from '../cli/callNode.js';
import { DataCommand } from '../cli/dataCommand.js';
import { listKeys, type KeyListing } from '../cli/listKeys.js';
import { limits } from '../protocol/limits.js';
import { keysText } from '../view/keysText.js';

const limitMax = 100_000;

export default class List extends DataCommand {
  static override summary = 'List the keys that have a value, in order.';
  static override description =
    '--json: {node, keys: [{key, dot, siblings, type, expires_at_ms}], more, clock, session}; more says whether further keys ' +
    'follow. type is there for counters and sets, expires_at_ms for values that expire.';
  static override examples = ['<%= config.bin %> list', '<%= config.bin %> list --prefix user/ --limit 1000'];
  static override flags = {
    prefix: Flags.string({ summary: 'Only keys that begin with this.', helpValue: 'TEXT', default: '' }),
    limit: Flags.integer({
      summary: 'At most so many keys.',
      helpValue: 'N',
      min: 1,
      max: limitMax,
      default: limits.listLimitDefault,
    }),
  };

  async run(): Promise<Answered & KeyListing> {
    const { flags } = await this.parse(List);
    const { prefix, limit } = flags;
    const result = await callNode(flags, (node, options) => listKeys(node, { prefix, limit }, options));
    if (result.keys.length > 0) this.log(keysText(result.keys, Date.now()));
    else this.logToStderr(`${result.node} has no keys${prefix === '' ? '' : ' with that prefix'}`);
    if (result.more) this.logToStderr(`There are more keys; see them with --limit ${limit * 10}`);
    this.logToken(flags.token, result);
    return result;
  }
}
