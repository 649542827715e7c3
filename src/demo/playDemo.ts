import type { DeliveryMode } from '../core/delivery.js';
import { DemoCluster } from './demoCluster.js';
import type { DemoEvent, DemoReport } from './report.js';
import { ReportBuilder } from './reportBuilder.js';
import type { ScenarioName } from './scenarioNames.js';
import { scenarios } from './scenarios.js';
import { Stage } from './stage.js';

export interface DemoOptions {
  readonly scenario: ScenarioName;
  readonly delivery: DeliveryMode;
  /** Hears of everything as it happens. */
  readonly onEvent: (event: DemoEvent) => void;
  /** Ends the demo early. */
  readonly signal: AbortSignal;
}

/**
 * Plays a scenario on a cluster of its own: three ephemeral nodes on ports of the system's choice, in a directory that
 * is gone afterwards, however the demo ends.
 * @throws KvcError KVC_E_START_FAILED; KVC_E_VERDICT_UNKNOWN when the situation to be shown did not come about; the
 * signal's reason when it aborts. An anomaly is no error but a verdict.
 */
export async function playDemo({ scenario, delivery, onEvent, signal }: DemoOptions): Promise<DemoReport> {
  const startMs = performance.now();
  const cluster = await DemoCluster.start(delivery);
  const startedInMs = performance.now() - startMs;
  const report = new ReportBuilder();
  const tell = (event: DemoEvent): void => {
    report.add(event);
    onEvent(event);
  };
  const stage = new Stage({ cluster, startedInMs, tell, signal });
  try {
    await stage.open();
    tell({ kind: 'ready', elapsedMs: performance.now() - startMs, delivery });
    await scenarios[scenario].play(stage);
    await stage.close();
    return report.finish(scenario, delivery, stage.timeline.events());
  } finally {
    await stage.close().finally(() => cluster.close());
  }
}
