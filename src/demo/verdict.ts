import type { DemoReport } from './report.js';
import { scenarioNames, type ScenarioName } from './scenarioNames.js';
import { scenarios } from './scenarios.js';

/** What the checks come to, in one sentence. */
export function verdictText({ scenario, delivery, verdict }: DemoReport): string {
  if (verdict === 'consistent') {
    return delivery === 'fifo' ? 'Consistent: this promise does not rest on causal delivery.' : 'Consistent.';
  }
  return isShownByFifo(scenario) && delivery === 'fifo'
    ? 'An anomaly, as was to be shown: fifo delivery ignores what a write depends on.'
    : 'An anomaly, and no delivery mode excuses it: this is a defect in kvc.';
}

/** Where to go on from here. */
export function nextCommand({ scenario, delivery, verdict }: DemoReport): string {
  if (verdict === 'anomaly') return `kvc demo ${scenario}`;
  if (delivery === 'fifo') return 'kvc demo --delivery fifo   (a promise that does)';
  if (isShownByFifo(scenario)) return `kvc demo ${scenario} --delivery fifo   (and see it go wrong)`;
  return `kvc demo ${scenarioNames[scenarioNames.indexOf(scenario) + 1] ?? scenarioNames[0]}`;
}

function isShownByFifo(scenario: ScenarioName): boolean {
  return scenarios[scenario].fifo === 'breaks';
}
