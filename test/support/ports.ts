/** Ports for nodes of tests that run side by side. */
export { portsByChance as freePorts } from '../../src/cluster/ports.js';
