import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { callNode, type Answered } from '../cli/callNode.js';
import { DataCommand } from '../cli/dataCommand.js';
import type { DataFlags } from '../cli/dataFlags.js';
import { missingKey } from '../cli/missingKey.js';
import { readAllNodes, type NodeReading } from '../cli/readAllNodes.js';
import type { ReadResponseJson, ReadManyResponseJson } from '../protocol/api.js';
import { allNodesText } from '../view/allNodesText.js';
import { entryText, readManyText } from '../view/entryText.js';

/** The answer of the node's HTTP API and which node it was, or what each node has. */
export type ReadResult = (Answered & (ReadResponseJson | ReadManyResponseJson)) | { nodes: NodeReading[] };

type ReadFlags = DataFlags & { readonly siblings: boolean };

/** Nothing that was asked for exists. The answer is printed all the same. */
const notFoundExitCode = 3;

export default class Read extends DataCommand {
  static override summary = 'Read a value, or several as of one instant.';
  static override description =
    'A key without a value is exit 3. With several keys such a key shows as (none), and exit 3 means that none has a ' +
    'value. Concurrent writes leave siblings: a deterministic winner is shown, --siblings shows all. A set is shown as ' +
    '{a, b}, a value that expires with its time.\n' +
    '--json: {node, key, value, type, members, expires_at_ms, dot, siblings, clock, session}, of which type is there for ' +
    'counters and sets, members for sets, expires_at_ms for values that expire; for several keys {node, entries, clock, session}; with ' +
    '--all-nodes {nodes: [{node, entries, clock, error}]}. A value that is not UTF-8 text has encoding "base64".';
  static override usage = 'read KEY [KEY ...] [--all-nodes | [--node NODE] [--session NAME | --token TOKEN]]';
  static override examples = [
    '<%= config.bin %> read a',
    '<%= config.bin %> read a b --node 3 --session alice --timeout 1s',
    '<%= config.bin %> read a --all-nodes --siblings',
  ];
  static override args = {
    keys: Args.string({ multiple: true, required: true, ignoreStdin: true, description: 'Keys to read.' }),
  };
  static override flags = {
    'all-nodes': Flags.boolean({
      summary: 'Ask every node what it has now, without waiting for a session.',
      exclusive: ['node', 'session', 'token'],
    }),
    siblings: Flags.boolean({ summary: 'Show all concurrent values, not only the winner.' }),
  };

  async run(): Promise<ReadResult> {
    const { args, flags } = await this.parse(Read);
    if (flags['all-nodes']) return this.#readAll(args.keys, flags);
    const [key = ''] = args.keys;
    return args.keys.length === 1 ? this.#readOne(key, flags) : this.#readMany(args.keys, flags);
  }

  async #readOne(key: string, flags: ReadFlags): Promise<ReadResult> {
    const result = await callNode(flags, (node, options) => node.read(key, options));
    const isShown = flags.siblings && result.siblings.length > 0;
    if (result.value === null && !isShown) throw missingKey(result);
    this.log(entryText(result, flags.siblings, Date.now()));
    this.noteBase64([result]);
    this.logToken(flags.token, result);
    return result;
  }

  async #readMany(keys: readonly string[], flags: ReadFlags): Promise<ReadResult> {
    const result = await callNode(flags, (node, options) => node.readMany(keys, options));
    this.log(readManyText(result, flags.siblings, Date.now()));
    this.noteBase64(result.entries);
    this.logToken(flags.token, result);
    if (result.entries.every(({ value }) => value === null)) process.exitCode = notFoundExitCode;
    return result;
  }

  async #readAll(keys: readonly string[], flags: ReadFlags): Promise<ReadResult> {
    const nodes = await readAllNodes(flags.cluster, keys);
    const entries = nodes.flatMap((reading) => reading.entries ?? []);
    this.log(allNodesText(nodes, flags.siblings, Date.now()));
    this.noteBase64(entries);
    if (entries.every(({ value }) => value === null)) process.exitCode = notFoundExitCode;
    return { nodes };
  }
}
