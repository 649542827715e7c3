import type { Paint } from '../view/style.js';
import { Narrator, type Screen } from './narrator.js';
import { playDemo } from './playDemo.js';
import type { DemoReport } from './report.js';
import type { ScenarioName } from './scenarioNames.js';
import { scenarios } from './scenarios.js';
import type { DeliveryMode } from '../core/delivery.js';

export interface NarrateOptions {
  readonly scenario: ScenarioName;
  readonly delivery: DeliveryMode;
  readonly screen: Screen;
  readonly paint: Paint;
  readonly signal: AbortSignal;
}

/** Plays a scenario and tells it on a screen. @throws as playDemo does */
export async function narrateDemo(options: NarrateOptions): Promise<DemoReport> {
  const { scenario, delivery, screen, paint, signal } = options;
  const narrator = new Narrator(screen, paint);
  narrator.open(scenarios[scenario]);
  try {
    const report = await playDemo({ scenario, delivery, signal, onEvent: (event) => narrator.tell(event) });
    narrator.close(report);
    return report;
  } finally {
    narrator.end();
  }
}
