import type {
  Coverage,
  Level,
  LevelVerdict,
  Report,
  Witness,
  WitnessEdge,
} from '../../../src/check/report.js';
import { parseHistory } from '../../check/parseHistory.js';

/** A witness of operations in the notation of `parseHistory`, and edges such as `1 reads 2`, by numbers from 1. */
export function witnessOf(operations: string, ...edges: string[]): Witness {
  return {
    operations: parseHistory(operations),
    edges: edges.map((edge) => {
      const [from, kind, to] = edge.split(' ');
      return { from: Number(from) - 1, to: Number(to) - 1, kind: kind as WitnessEdge['kind'] };
    }),
  };
}

/** Bob sees the album, and not the photo that Alice had put there before. */
export const photo = witnessOf(
  `alice w photo beach@n1:1
   alice w album summer@n1:2
   bob r album summer@n1:2
   bob r photo -`,
  '1 session 2',
  '2 reads 3',
  '3 session 4',
  '1 misses 4',
);

export const coverage: Coverage = {
  operations: 500,
  sessions: 8,
  keys: 40,
  reads: 260,
  writes: 240,
  indefinite: 0,
  indefiniteSeen: 0,
  readsAtRisk: 210,
  readsAtRiskOfOthers: 140,
  readsUnattributed: 0,
  readsOfSiblings: 0,
  finalReads: 0,
  replicas: 0,
};

export function consistent(level: Level): LevelVerdict {
  return { level, verdict: 'consistent', isClaimed: true };
}

export function violated(level: Level, witness: Witness = photo, pattern = 'WriteCORead'): LevelVerdict {
  const explanation = `${pattern} explained`;
  return { level, verdict: 'violation', isClaimed: true, anomaly: { pattern, explanation, witness } };
}

export function reportOf(verdict: Report['verdict'], ...levels: LevelVerdict[]): Report {
  return { verdict, levels, coverage };
}
