import { checkHistory } from '../../src/check/checkHistory.js';
import type { Level, LevelVerdict } from '../../src/check/report.js';
import { parseHistory } from './parseHistory.js';

/** The pattern by which a history written as text violates each level; of levels it does not violate there is nothing. */
export function patternsOf(text: string): Partial<Record<Level, string>> {
  const { levels } = checkHistory(parseHistory(text));
  return Object.fromEntries(
    levels.flatMap(({ level, anomaly }) => (anomaly === undefined ? [] : [[level, anomaly.pattern]])),
  );
}

export function verdictOn(level: Level, text: string): LevelVerdict {
  const verdict = checkHistory(parseHistory(text)).levels.find((each) => each.level === level);
  if (verdict === undefined) throw new RangeError(`${level} was not judged`);
  return verdict;
}
