import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { callNode, type Answered } from '../cli/callNode.js';
import { DataCommand } from '../cli/dataCommand.js';
import { parseLifetime } from '../notation/parseDuration.js';
import { parsePairs } from '../cli/parsePairs.js';
import { readStdin } from '../cli/readStdin.js';
import {
  conditionDescription,
  createFlag,
  ifContextFlag,
  replicasFlag,
  writeTerms,
} from '../cli/writeFlags.js';
import type { BatchResponseJson, WriteResponseJson } from '../protocol/api.js';
import { limits } from '../protocol/limits.js';
import { batchText, writeText } from '../view/writeText.js';

const ttl = Flags.custom<number>({
  summary: 'How long the value lives, from when the node receives it. Default: for good.',
  helpValue: 'DURATION',
  parse: (input) => Promise.resolve(parseLifetime(input)),
});

/** The answer of the node's HTTP API, and which node it was. */
export type WriteResult = Answered & (WriteResponseJson | BatchResponseJson);

export default class Write extends DataCommand {
  static override summary = 'Write a value, or several as one atomic batch.';
  static override description =
    'Several pairs are one update: visible whole or not at all, at every node. A value of - is read from standard ' +
    `input as it is, up to 1 MiB. A value that begins with - goes after a --. ${conditionDescription}\n` +
    '--json: {node, key, value, dot, clock, session}, or for several pairs {node, writes: [{key, value}], dot, clock, ' +
    'session}; with --ttl also expires_at_ms, in ms since 1970.';
  static override usage =
    'write KEY VALUE|- [KEY VALUE ...] [--node NODE] [--session NAME | --token TOKEN] [--ttl DURATION] [--create | --if-context TOKEN] [--replicas N]';
  static override examples = [
    '<%= config.bin %> write a 1',
    '<%= config.bin %> write --node 2 from alice to bob',
    '<%= config.bin %> write --session alice photo - < photo.jpg',
    '<%= config.bin %> write lock ann --create --ttl 30s',
    '<%= config.bin %> write a 1 --replicas 2',
  ];
  static override args = {
    pairs: Args.string({
      multiple: true,
      required: true,
      ignoreStdin: true,
      description: 'Keys and values, in turn.',
    }),
  };
  static override flags = {
    ttl: ttl(),
    ...createFlag,
    ...ifContextFlag,
    ...replicasFlag,
  };

  async run(): Promise<WriteResult> {
    const { args, flags } = await this.parse(Write);
    const pairs = parsePairs(args.pairs);
    const [first] = pairs;
    const terms = writeTerms(flags);
    if (pairs.length === 1 && first !== undefined) {
      const value = first.value ?? (await readStdin(process.stdin, limits.valueBytesMax));
      const result = await callNode(flags, (node, options) =>
        node.write(first.key, value, {
          ...options,
          ...terms,
          ...(flags.ttl === undefined ? {} : { ttlMs: flags.ttl }),
        }),
      );
      this.log(writeText(result, Date.now()));
      this.noteBase64([result]);
      this.logToken(flags.token, result);
      return result;
    }
    const lifetime = flags.ttl === undefined ? {} : { ttl_ms: flags.ttl };
    const writes = pairs.map(({ key, value }) => ({ key, value: value ?? '', ...lifetime }));
    const result = await callNode(flags, (node, options) => node.batch(writes, { ...options, ...terms }));
    this.log(batchText(result, Date.now()));
    this.logToken(flags.token, result);
    return result;
  }
}
