import type { Scenario } from './scenario.js';
import type { ScenarioName } from './scenarioNames.js';
import { conflict } from './scenarios/conflict.js';
import { dependentWrite } from './scenarios/dependentWrite.js';
import { lostRing } from './scenarios/lostRing.js';
import { outOfOrder } from './scenarios/outOfOrder.js';
import { session } from './scenarios/session.js';

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  'dependent-write': dependentWrite,
  'out-of-order': outOfOrder,
  conflict,
  session,
  'lost-ring': lostRing,
};
