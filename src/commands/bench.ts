import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { benchClientsMax, benchPipelineMax, benchSecondsMax, type BenchFlags } from '../cli/benchPlan.js';
import type { KvcError } from '../errors.js';
import type { BenchProgress } from '../load/benchCluster.js';
import type { BenchReport } from '../load/benchReport.js';
import { benchKeysMax, benchPrefix } from '../load/benchRequests.js';
import { limits } from '../protocol/limits.js';

interface AllFlags extends BenchFlags {
  readonly cluster: string;
  readonly node: string | undefined;
}

/** Ctrl-C, by the custom of shells. */
const interruptedExitCode = 130;

export default class Bench extends BaseCommand {
  static override summary = 'Measure a running cluster: requests a second, latencies, visibility.';
  static override description = [
    'Writes keys of its own, then reads and writes them as fast as the clients can, each of which sends a request when it ' +
      'has the answer to the one before; then writes at one node what it reads at another. It shares the machine with the nodes, so ' +
      'the figures are of both. Compare them with those of the same machine only; npm run bench in the sources of kvc does so, beside other servers.',
    `All its keys begin with ${benchPrefix}. In the end every key that does is deleted, also after a failure or Ctrl-C; what could not be ` +
      'deleted is deleted by the next run.',
    '--json: {cluster, nodes, durability, clients, keys, value_bytes, seconds, lines: [{protocol, pipeline, reads_percent, answered, ' +
      'per_second, p50_ms, p95_ms, p99_ms, max_ms, refused, refusal, generator_busy}], visibility: {samples, p50_ms, p95_ms, p99_ms, ' +
      'max_ms}, deleted_keys}; visibility is null for one node, deleted_keys where the keys could not be deleted. Latencies are of requests, ' +
      'so of a pipeline as a whole.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> bench',
    '<%= config.bin %> bench --protocol resp --pipeline 16',
    '<%= config.bin %> bench --node 1 --reads 90 --clients 200 --seconds 10 --json',
  ];
  static override flags = {
    node: Flags.string({
      summary: 'Only this node: node1, or 1 for short. Default: clients spread over all that run.',
      helpValue: 'NODE',
    }),
    protocol: Flags.option({
      options: ['resp', 'http'] as const,
      summary: 'Only over the Redis protocol, or only over HTTP. Default: both.',
    })(),
    pipeline: Flags.string({
      helpValue: 'N',
      summary: `Over RESP also in pipelines of N commands, up to ${benchPipelineMax}.`,
    }),
    reads: Flags.string({
      helpValue: 'PERCENT',
      summary: 'Only a mix with so many reads, 0 to 100. Default: reads, writes, and half of each.',
    }),
    clients: Flags.string({
      helpValue: 'N',
      default: '50',
      summary: `Connections, up to ${benchClientsMax}.`,
    }),
    keys: Flags.string({ helpValue: 'N', default: '10000', summary: `Keys, up to ${benchKeysMax}.` }),
    'value-size': Flags.string({
      helpValue: 'BYTES',
      default: '100',
      summary: `Size of each value, up to ${limits.valueBytesMax}; of all together, up to 256 MiB.`,
    }),
    seconds: Flags.string({
      helpValue: 'S',
      default: '3',
      summary: `How long each kind of work is measured, up to ${benchSecondsMax}.`,
    }),
  };

  async run(): Promise<BenchReport> {
    const { flags } = await this.parse(Bench);
    const { interruption } = await import('../demo/interruption.js');
    const { signal } = interruption(process);
    try {
      return await this.#bench(flags, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return this.exit(interruptedExitCode);
    }
  }

  async #bench(flags: AllFlags, signal: AbortSignal): Promise<BenchReport> {
    const { planBench } = await import('../cli/planBench.js');
    const { benchCluster } = await import('../load/benchCluster.js');
    const { benchText, benchProgressText } = await import('../load/benchText.js');
    const { LineInPlace } = await import('../view/lineInPlace.js');
    const { paintFor } = await import('../view/style.js');
    const { notes, ...planned } = await planBench(flags);
    for (const note of notes) this.logToStderr(note);
    const line = new LineInPlace(process.stderr);
    const onKeysLeft = ({ message }: KvcError): void => {
      line.clear();
      this.logToStderr(`Keys that begin with ${benchPrefix} could not be deleted: ${message}`);
    };
    const onProgress = (progress: BenchProgress): void => line.show(benchProgressText(progress));
    try {
      const report = await benchCluster({ ...planned, signal, onKeysLeft, onProgress });
      line.clear();
      this.log(benchText(report, paintFor(process.stdout, process.env)));
      return report;
    } finally {
      line.clear();
    }
  }
}
