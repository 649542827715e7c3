import { randomInt } from 'node:crypto';
import { isPortFree } from '../../src/cluster/ports.js';

const lowest = 10_000;
/** Above this, systems take the ports of outgoing connections: one could sit on a node's port while the node restarts. */
const highest = 32_000;
const attemptsMax = 200;

/** So many consecutive ports that are free now; by chance, so that test files that run side by side do not meet. */
export async function freePorts(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const base = randomInt(lowest, highest - count);
    const ports = Array.from({ length: count }, (_, index) => base + index);
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return ports;
  }
  throw new Error(`found no ${count} consecutive free ports in ${attemptsMax} attempts`);
}
