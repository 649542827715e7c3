/** Apart from the scenarios themselves, so that help and completion need not load them. The first is the default. */
export const scenarioNames = ['dependent-write', 'out-of-order', 'conflict', 'session', 'lost-ring'] as const;

export type ScenarioName = (typeof scenarioNames)[number];
