import { CausalGraph } from '../order/causalGraph.js';
import { findConflictCycles } from './conflictOrder.js';
import { judgeConvergence } from './convergence.js';
import { findCausalCycles } from './cycles.js';
import type { Finding } from '../witness/finding.js';
import { findStaleOrFracturedReads } from './fracturedRead.js';
import { findHappenedBefore } from './happenedBefore.js';
import type { Level } from '../report.js';
import { findSessionViolations } from './sessions/sessionGuarantees.js';
import { type SessionLevel, sessionLevels } from './sessions/sessionLevel.js';
import type { Attributed } from '../attribution/source.js';
import { findStaleReads } from './staleRead.js';
import { findThinAirReads } from './thinAirRead.js';
import { findTransactionReads } from './transactionReads.js';

export interface Judgement {
  readonly findings: readonly Finding[];
  /** Why the level is unknown if nothing was found. */
  readonly reason?: string;
}

/** All levels, from weak to strong. */
export const levels: readonly Level[] = [...sessionLevels, 'CC', 'CM', 'CCv', 'TCC', 'convergence'];

const cyclic = 'causal order has a cycle, so that nothing in it is before or after';

/** Judges one history for any of the levels; what several of them need is found once. */
export class LevelJudge {
  /** Of single accesses. */
  readonly graph: CausalGraph;
  readonly #attributed: Attributed;
  #causal: readonly Finding[] | undefined;
  #sessions: ReadonlyMap<SessionLevel, readonly Finding[]> | undefined;

  constructor(attributed: Attributed) {
    this.#attributed = attributed;
    this.graph = new CausalGraph(attributed, 'access');
  }

  judge(level: Level): Judgement {
    switch (level) {
      case 'CC':
        return { findings: this.#causalFindings() };
      case 'CM':
        return this.#judgeMemory();
      case 'CCv':
        return { findings: this.#judgeConvergent() };
      case 'TCC':
        return { findings: this.#judgeTransactions() };
      case 'convergence':
        return judgeConvergence(this.graph);
      case 'read-your-writes':
      case 'monotonic-reads':
      case 'monotonic-writes':
      case 'writes-follow-reads':
        return this.#judgeSession(level);
    }
  }

  #judgeSession(level: SessionLevel): Judgement {
    const { order } = this.graph;
    if (order === undefined) return { findings: [], reason: cyclic };
    this.#sessions ??= findSessionViolations(this.graph, order);
    return { findings: this.#sessions.get(level) ?? [] };
  }

  #causalFindings(): readonly Finding[] {
    const { graph } = this;
    this.#causal ??= [
      ...findThinAirReads(graph),
      ...(graph.order === undefined ? findCausalCycles(graph) : findStaleReads(graph, graph.order)),
    ];
    return this.#causal;
  }

  #judgeMemory(): Judgement {
    const { graph } = this;
    const causal = this.#causalFindings();
    if (causal.length > 0 || graph.order === undefined) return { findings: causal };
    const { findings, unfinished } = findHappenedBefore(graph, graph.order);
    if (unfinished === undefined) return { findings };
    return {
      findings,
      reason: `what happened before the reads of session ${unfinished} was not found in bounded time`,
    };
  }

  #judgeConvergent(): readonly Finding[] {
    const { graph } = this;
    const causal = this.#causalFindings();
    if (causal.length > 0 || graph.order === undefined) return causal;
    return findConflictCycles(graph, graph.order, 'CyclicCF');
  }

  /** Transactional causal consistency of Biswas and Enea, OOPSLA 2019: the same order, of operations as units. */
  #judgeTransactions(): readonly Finding[] {
    const graph = new CausalGraph(this.#attributed, 'operation');
    const inside = findTransactionReads(graph);
    if (inside.length > 0) return inside;
    if (graph.order === undefined) return findCausalCycles(graph);
    const stale = findStaleOrFracturedReads(graph, graph.order);
    return stale.length > 0 ? stale : findConflictCycles(graph, graph.order, 'CyclicTCC');
  }
}
