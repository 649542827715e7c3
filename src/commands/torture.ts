import { randomInt } from 'node:crypto';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { parseCount } from '../cli/parseCount.js';
import { parseDuration } from '../notation/parseDuration.js';
import { parseSeed } from '../cli/parseSeed.js';
import { errorKinds, KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { faultNames, parseFaultNames } from '../torture/faultNames.js';
import { protocolNames } from '../torture/protocolNames.js';
import type { TortureOptions } from '../torture/runTorture.js';
import type { TortureReport } from '../torture/tortureReport.js';
import { workloadNames } from '../torture/workload.js';

/** Ctrl-C, by the custom of shells. */
const interruptedExitCode = 130;
const exitCodes = {
  consistent: 0,
  violation: errorKinds.KVC_E_ANOMALY.exitCode,
  unknown: errorKinds.KVC_E_VERDICT_UNKNOWN.exitCode,
} as const;

/** A node that is lost needs another to come back from, and a slow link needs a detour. */
const nodesMin = 3;
/** One less than a cluster may have, for one is added. */
const nodesMax = limits.nodesMax - 1;
const clientsMax = 64;
const clientsPerNode = 6;
/** An hour; the number of operations is bounded, so more time only spreads them. */
const forMsMax = 3_600_000;
const forMsMin = 1000;

export default class Torture extends BaseCommand {
  static override summary = 'Break a real cluster while clients use it, and judge what they saw.';
  static override description = [
    'Starts nodes of its own, with data on disk, which share nothing with your clusters and leave nothing behind. Clients ' +
      'that move between the nodes record what they do and see; meanwhile nodes are killed, frozen, cut off and lose ' +
      'their disks, on a schedule that the seed draws. Then all is healed, every key is read at every node, and the history is ' +
      'checked. Exit 0 if it is consistent, 10 if it is not, 11 if that cannot be told: also where a fault that was asked ' +
      'for could not be made to happen.',
    'The same seed gives the same schedule, and clients that draw the same; how real processes share the processor and the ' +
      'disk is not in its hands. At most 100,000 operations are made, for a history must be checked in memory. What is not ' +
      'finished within a phase is finished before the next, so a run may take longer than --for.',
    'Faults: kill (SIGKILL), pause (SIGSTOP), partition, packet (loss, repetition, reordering, bursts), disk (a data ' +
      'directory deleted, a torn log, a changed byte; only when the other nodes hold what clients were told), clock ' +
      '(an hour off, and set while the node runs), membership (nodes join and leave).',
    'Besides the checked levels these are violations: NotConverged (60 s after all was healed the nodes still differ), ' +
      'LostWrite, UnexpectedExit and InternalError.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> torture',
    '<%= config.bin %> torture --for 60s --nodes 5 --seed 7',
    '<%= config.bin %> torture --faults kill,disk --history ./history',
    '<%= config.bin %> torture --delivery fifo',
  ];
  static override flags = {
    for: Flags.string({ default: '30s', helpValue: 'T', summary: 'How long the clients work.' }),
    nodes: Flags.string({
      default: '3',
      helpValue: 'N',
      summary: `Nodes at the start, ${nodesMin} to ${nodesMax}.`,
    }),
    faults: Flags.string({
      default: 'all',
      helpValue: 'LIST',
      summary: `What to do to them: ${faultNames.join(',')}; all or none.`,
    }),
    clients: Flags.string({ helpValue: 'N', summary: `Default ${clientsPerNode} for each node.` }),
    seed: Flags.string({
      helpValue: 'S',
      summary: 'Decides the schedule and what clients do. Default: by chance.',
    }),
    protocol: Flags.option({
      options: protocolNames,
      default: 'http' as const,
      summary: 'How the clients reach the nodes: HTTP, or the Redis protocol.',
    })(),
    workload: Flags.option({
      options: workloadNames,
      default: 'mixed' as const,
      summary: 'mixed: everything. chains: only writes that depend on each other, and reads of them.',
    })(),
    delivery: Flags.option({
      options: ['causal', 'fifo'] as const,
      default: 'causal' as const,
      summary: 'causal, or fifo, which ignores dependencies: then a violation must be found.',
    })(),
    history: Flags.string({
      helpValue: 'DIR',
      summary: 'Keep history, trace and schedule there. Default: kept if the run is not consistent.',
    }),
  };

  async run(): Promise<TortureReport> {
    const { interruption } = await import('../demo/interruption.js');
    const options = { ...(await this.#options()), ...interruption(process) };
    try {
      const report = await this.#torture(options);
      process.exitCode = exitCodes[report.verdict];
      return report;
    } catch (error) {
      if (!options.signal.aborted) throw error;
      return this.exit(interruptedExitCode);
    }
  }

  async #options(): Promise<Omit<TortureOptions, 'signal' | 'onProgress'>> {
    const { flags } = await this.parse(Torture);
    const nodes = parseCount(flags.nodes, '--nodes', nodesMax, nodesMin);
    const forMs = parseDuration(flags.for, forMsMax);
    if (forMs < forMsMin) throw usage(`--for must be at least 1s, received ${flags.for}`);
    return {
      forMs,
      nodes,
      clients:
        flags.clients === undefined
          ? nodes * clientsPerNode
          : parseCount(flags.clients, '--clients', clientsMax),
      seed: flags.seed === undefined ? randomInt(limits.faultSeedMax + 1) : parseSeed(flags.seed),
      faults: parseFaultNames(flags.faults),
      protocol: flags.protocol,
      workload: flags.workload,
      delivery: flags.delivery,
      historyDir: flags.history,
    };
  }

  async #torture(options: Omit<TortureOptions, 'onProgress'>): Promise<TortureReport> {
    const { runTorture } = await import('../torture/runTorture.js');
    const { ProgressLine } = await import('../torture/progressLine.js');
    const { tortureText } = await import('../torture/tortureText.js');
    const { paintFor } = await import('../view/style.js');
    const line = new ProgressLine(process.stderr, options.forMs);
    try {
      const report = await runTorture({ ...options, onProgress: (progress) => line.show(progress) });
      line.clear();
      this.log(tortureText(report, paintFor(process.stdout, process.env)).trimEnd());
      return report;
    } finally {
      line.clear();
    }
  }
}

function usage(message: string): KvcError {
  return new KvcError('KVC_E_USAGE', message);
}
