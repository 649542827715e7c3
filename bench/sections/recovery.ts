import type { Report } from '../measure/report.js';
import { measureCatchUp } from './recovery/catchUp.js';
import { measureConvergence } from './recovery/convergence.js';
import { measureFrozenPeer } from './recovery/frozenPeer.js';
import { measureSnapshots } from './recovery/snapshots.js';
import { joinFindings, type SectionOptions } from './section.js';

/** How fast a node gets what it lacks: after it was cut off, after it lost its data, after its links lost messages, after it stood still. */
export async function benchRecovery(options: SectionOptions): Promise<Report> {
  return {
    name: 'recovery',
    title: 'durable nodes, values of 100 bytes: what a node lacks, and how fast it gets it',
    ...joinFindings([
      await measureCatchUp(options),
      await measureSnapshots(options),
      await measureConvergence(options),
      await measureFrozenPeer(options),
    ]),
  };
}
