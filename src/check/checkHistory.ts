import { attribute } from './attribution/attribute.js';
import { at } from './attribution/flatHistory.js';
import { coverageOf } from './coverage.js';
import type { History } from './history.js';
import { type Judgement, LevelJudge, levels } from './levels/judgeLevel.js';
import type { Coverage, Level, LevelVerdict, Report, Verdict } from './report.js';
import type { Attributed } from './attribution/source.js';
import { describeWrite } from './witness/describe.js';
import { smallestAnomaly } from './witness/witness.js';

/**
 * Causal order takes a number for every access and session, and the session guarantees as many again: with this, 1 GiB
 * each. Other memory is small beside it.
 */
const vectorNumbersMax = 2 ** 28;

/**
 * Judges a history for every level. Time and memory grow with n * s, of n accesses and s sessions, times a logarithm for
 * time: causal order is kept as a vector per access. All levels are unknown where these would not fit. A violation costs
 * more, within bounds: of at most 100 violations of a level the smallest is shown.
 */
export function checkHistory(history: History): Report {
  const attributed = attribute(history);
  const { accesses, sessions } = attributed.flat;
  if (accesses.length * sessions.length > vectorNumbersMax) return tooLarge(attributed);
  const judge = new LevelJudge(attributed);
  const coverage = coverageOf(attributed, judge.graph);
  const verdicts = levels.map((level) => verdictOf(level, judge.judge(level), attributed, coverage));
  return { verdict: overall(verdicts), levels: verdicts, coverage };
}

function tooLarge(attributed: Attributed): Report {
  const { accesses, sessions } = attributed.flat;
  const reason =
    `${accesses.length} accesses of ${sessions.length} sessions are too many to be ordered: ` +
    `the product may be ${vectorNumbersMax} at most`;
  const coverage = coverageOf(attributed, undefined);
  const verdicts = levels.map((level) => verdictOf(level, { findings: [], reason }, attributed, coverage));
  return { verdict: overall(verdicts), levels: verdicts, coverage };
}

function verdictOf(
  level: Level,
  { findings, reason }: Judgement,
  attributed: Attributed,
  coverage: Coverage,
): LevelVerdict {
  const isClaimed = level !== 'CM' && !(level === 'convergence' && coverage.finalReads === 0);
  if (findings.length > 0) {
    const anomaly = smallestAnomaly(
      attributed,
      findings,
      (part) => new LevelJudge(part).judge(level).findings,
    );
    return { level, verdict: 'violation', isClaimed, anomaly };
  }
  const doubt = reason ?? (level === 'convergence' ? undefined : doubtOf(attributed));
  if (doubt !== undefined) return { level, verdict: 'unknown', isClaimed, reason: doubt };
  return { level, verdict: 'consistent', isClaimed };
}

/**
 * Why what the reads saw is not certain. The patterns are of histories in which each write can be told from all others
 * (Bouajjani et al., POPL 2017: "differentiated"), so names that do not do that leave a level unknown.
 */
function doubtOf(attributed: Attributed): string | undefined {
  return reusedNameReason(attributed) ?? unattributedReason(attributed);
}

function reusedNameReason({ flat, reusedName }: Attributed): string | undefined {
  if (reusedName === undefined) return undefined;
  const [first, other] = reusedName.map((write) => flat.operations[at(flat.operationOf, write)]?.line ?? 0);
  const what = describeWrite(flat, reusedName[0]);
  return `lines ${first ?? 0} and ${other ?? 0} are different writes of one name: ${what}`;
}

/** An absent key that may be one of several is no doubt: it is weighed, and only rarely could be told better. */
function unattributedReason({ sources }: Attributed): string | undefined {
  const count = sources.filter((versions) => versions.some(({ kind }) => kind === 'unknown')).length;
  if (count === 0) return undefined;
  const reads = count === 1 ? '1 read' : `${count} reads`;
  return `${reads} returned a value that was written more than once, so it is not known which write was seen`;
}

function overall(levelVerdicts: readonly LevelVerdict[]): Verdict {
  const claimed = levelVerdicts.filter(({ isClaimed }) => isClaimed).map(({ verdict }) => verdict);
  if (claimed.includes('violation')) return 'violation';
  return claimed.includes('unknown') ? 'unknown' : 'consistent';
}
