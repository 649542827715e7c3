import { checkHistory } from '../check/checkHistory.js';
import { operationOfLine } from '../check/formats/operationLine.js';
import type { HistoryLine } from '../check/historyLine.js';
import type { Report } from '../check/report.js';
import type { DeliveryMode } from '../core/delivery.js';
import { awaitLevel, type Levelling } from './awaitLevel.js';
import { Chance } from './chance.js';
import type { FaultName } from './faultNames.js';
import { Evidence } from './evidence.js';
import { readFinally } from './finalReads.js';
import { keepEvidence } from './keepEvidence.js';
import { nameWrites } from './nameWrites.js';
import { Nemesis } from './nemesis.js';
import { newTally, type NemesisTally } from './nemesisTally.js';
import { NodeWitness } from './nodeWitness.js';
import { operationsMax, Recorder } from './recorder.js';
import type { ProtocolName } from './protocolNames.js';
import { clientNodes } from './reachNodes.js';
import { planSchedule, type Schedule } from './schedule.js';
import { TortureClient } from './tortureClient.js';
import { TortureCluster } from './tortureCluster.js';
import type { Finding, TortureReport } from './tortureReport.js';
import { Trace, type TraceLine } from './trace.js';
import { judge } from './verdict.js';
import type { WorkloadName } from './workload.js';

export interface TortureOptions {
  readonly forMs: number;
  readonly nodes: number;
  readonly clients: number;
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly workload: WorkloadName;
  /** How clients reach the nodes. */
  readonly protocol: ProtocolName;
  readonly delivery: DeliveryMode;
  /** Where to keep history, trace and schedule; undefined: only those of a run that was not consistent are kept. */
  readonly historyDir: string | undefined;
  readonly onProgress: (progress: Progress) => void;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

export interface Progress {
  readonly doing: 'starts' | 'runs' | 'levels' | 'checks';
  readonly elapsedMs: number;
  readonly operations: number;
  /** The last thing that the nemesis did. */
  readonly last: TraceLine | undefined;
}

/** Longer than any node may be silent, or away, before the others act on it. */
const levelMsMax = 60_000;
const progressEveryMs = 200;
/** Below this clients and nodes only take the processor from each other. */
const paceMsLeast = 4;
/** The clients keep below the most that can be checked, so that they do not end before the nemesis does. */
const fillShare = 0.9;
/** Of exits that nobody had asked for, so many are told one by one. */
const exitsShownMax = 3;
/** A step is about so many operations. */
const operationsPerStep = 1.6;

/**
 * Breaks a cluster of real processes while clients use it, and judges what they saw. The cluster is its own, and nothing of
 * it is left, however the run ends.
 * @throws KvcError KVC_E_USAGE if nothing can be kept where it is wanted; when the cluster does not start, or a final read fails; the signal's reason when it aborts
 */
export async function runTorture(options: TortureOptions): Promise<TortureReport> {
  const run = new TortureRun(options);
  return run.toVerdict();
}

class TortureRun {
  readonly #options: TortureOptions;
  readonly #recorder = new Recorder();
  readonly #tally: NemesisTally = newTally();
  readonly #schedule: Schedule;
  readonly #trace: Trace;
  readonly #startMs = performance.now();
  #doing: Progress['doing'] = 'starts';

  constructor(options: TortureOptions) {
    this.#options = options;
    const { seed, forMs, faults } = options;
    this.#schedule = planSchedule({ seed, forMs, faults, nodes: this.#nodeNames() });
    this.#trace = new Trace(() => this.#recorder.now());
  }

  async toVerdict(): Promise<TortureReport> {
    const timer = setInterval(() => this.#tellProgress(), progressEveryMs);
    try {
      return await this.#run();
    } finally {
      clearInterval(timer);
    }
  }

  async #run(): Promise<TortureReport> {
    const { delivery, signal, historyDir, seed } = this.#options;
    // Not at the end, when there would be something to lose.
    if (historyDir !== undefined) Evidence.open(historyDir, seed);
    const cluster = await TortureCluster.start({
      nodes: this.#options.nodes,
      delivery,
      skews: this.#schedule.skews,
    });
    try {
      signal.throwIfAborted();
      const witness = new NodeWitness(cluster);
      this.#doing = 'runs';
      const durationMs = await this.#workAndBreak(cluster, witness);
      signal.throwIfAborted();
      this.#doing = 'levels';
      const levelling = await awaitLevel(cluster, levelMsMax, signal);
      await witness.askAll();
      if (levelling.isLevel || levelling.hasDelivered) await readFinally(cluster, this.#recorder, signal);
      const findings = this.#findings(cluster, levelling);
      return this.#judge({ cluster, witness, durationMs, levelling, findings });
    } finally {
      await cluster.close();
    }
  }

  /** @returns for how long the clients worked */
  async #workAndBreak(cluster: TortureCluster, witness: NodeWitness): Promise<number> {
    const { signal, seed, forMs } = this.#options;
    const stop = new AbortController();
    const stopAll = (): void => stop.abort();
    signal.addEventListener('abort', stopAll);
    const startMs = performance.now();
    this.#recorder.start();
    const watching = witness.watch(stop.signal);
    const working = this.#clients(cluster).map((client) => client.run(stop.signal));
    const stage = { cluster, witness, tally: this.#tally, seen: this.#recorder.seen, seed };
    const breaking = new Nemesis(stage, this.#trace).run(this.#schedule, stop.signal);
    try {
      // Clients that end all by themselves have done as much as can be checked.
      await Promise.race([this.#over(startMs + forMs, breaking), Promise.all(working)]);
    } finally {
      stop.abort();
      signal.removeEventListener('abort', stopAll);
    }
    // Who is interrupted does not heal first: the cluster is ended at once, and what was begun with it fails.
    await Promise.all(signal.aborted ? working : [...working, watching, breaking]);
    return performance.now() - startMs;
  }

  /** The nemesis may be late with its last phase, and be early when it has nothing to do. */
  async #over(endMs: number, breaking: Promise<void>): Promise<void> {
    await breaking;
    const leftMs = endMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
  }

  #clients(cluster: TortureCluster): TortureClient[] {
    const { clients, seed, workload, protocol, forMs } = this.#options;
    const fullMs = (operationsPerStep * clients * forMs) / (operationsMax * fillShare);
    return Array.from({ length: clients }, (_, index) => {
      const name = `c${index + 1}`;
      const chance = new Chance(seed, `client ${name}`);
      const paceMs = Math.max(paceMsLeast, fullMs);
      const nodes = clientNodes(cluster, protocol);
      return new TortureClient({ name, chance, nodes, recorder: this.#recorder, workload, paceMs });
    });
  }

  #findings(cluster: TortureCluster, levelling: Levelling): Finding[] {
    const { sessionsLost, failures } = this.#recorder.tally;
    const { unaskedExits } = cluster;
    const internal = failures.get('KVC_E_INTERNAL') ?? 0;
    const findings: Finding[] = [];
    if (!levelling.isLevel) {
      const explanation = `${levelling.tookMs} ms after all was healed the nodes were not level: ${levelling.why}`;
      findings.push({ pattern: 'NotConverged', explanation });
    }
    if (sessionsLost > 0) {
      const explanation = `${sessionsLost} sessions had seen writes that no node has any more`;
      findings.push({ pattern: 'LostWrite', explanation });
    }
    if (unaskedExits.length > 0) {
      const shown = unaskedExits.slice(0, exitsShownMax).join('; ');
      const explanation = `${unaskedExits.length} times a node ended that nobody had ended: ${shown}; the logs may say why`;
      findings.push({ pattern: 'UnexpectedExit', explanation });
    }
    if (internal > 0) {
      const explanation = `nodes answered ${internal} requests with KVC_E_INTERNAL`;
      findings.push({ pattern: 'InternalError', explanation });
    }
    return findings;
  }

  #judge(seen: {
    readonly cluster: TortureCluster;
    readonly witness: NodeWitness;
    readonly durationMs: number;
    readonly levelling: Levelling;
    readonly findings: readonly Finding[];
  }): TortureReport {
    const { witness, durationMs, levelling, findings, cluster } = seen;
    const { seed, delivery, nodes, clients, protocol, workload, faults, forMs } = this.#options;
    this.#doing = 'checks';
    this.#tellProgress();
    const { lines, otherNames } = nameWrites(this.#recorder.lines);
    const checkStartMs = performance.now();
    const checked = check(lines);
    const counts = witness.counts();
    const { largestSkewMs } = witness;
    const { failures, ...clientsDid } = this.#recorder.tally;
    const report: TortureReport = {
      ...judge(checked, findings, { faults, nemesis: this.#tally, counts, largestSkewMs }),
      ...{ seed, delivery, nodes, clients, protocol, workload, faults, forMs },
      durationMs: Math.round(durationMs),
      operationsPerSecond: Math.round((lines.length * 1000) / durationMs),
      isFull: this.#recorder.isFull,
      nemesis: this.#tally,
      counts,
      clientsDid: { ...clientsDid, failures: Object.fromEntries(failures) },
      ...{ otherNames, largestSkewMs, levelling, checked, findings },
      longestGapMs: this.#recorder.longestGapMs,
      checkMs: Math.round(performance.now() - checkStartMs),
      kept: null,
    };
    const facts = { lines, trace: this.#trace.lines, schedule: this.#schedule, cluster };
    return keepEvidence(report, facts, this.#options.historyDir);
  }

  #nodeNames(): string[] {
    return Array.from({ length: this.#options.nodes }, (_, index) => `node${index + 1}`);
  }

  #tellProgress(): void {
    this.#options.onProgress({
      doing: this.#doing,
      elapsedMs: performance.now() - this.#startMs,
      operations: this.#recorder.lines.length,
      last: this.#trace.lines.at(-1),
    });
  }
}

function check(lines: readonly HistoryLine[]): Report {
  return checkHistory(
    lines.map((line, index) => operationOfLine(line, index + 1)).filter((each) => each !== undefined),
  );
}
