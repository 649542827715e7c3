import type { Level } from '../../report.js';

export type SessionLevel = Exclude<Level, 'CC' | 'CM' | 'CCv' | 'TCC' | 'convergence'>;

export const sessionLevels: readonly SessionLevel[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];
