import type { SimulatedNode } from './simulatedNode.js';
import type { World } from './world.js';

/** The world, as those see it who act on its nodes. */
export interface Cluster extends World {
  readonly nodes: SimulatedNode[];
}
