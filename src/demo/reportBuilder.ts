import type { DeliveryMode } from '../core/delivery.js';
import type { ClocksByNode, DemoCheck, DemoEvent, DemoReport } from './report.js';
import type { ScenarioName } from './scenarioNames.js';
import type { TimelineEvent } from './timeline.js';

interface OpenStep {
  readonly number: number;
  readonly command: string;
  readonly effects: string[];
  readonly remarks: string[];
  clocks: ClocksByNode;
}

/** Collects what happens on a stage into its report. */
export class ReportBuilder {
  readonly #steps: OpenStep[] = [];
  readonly #checks: DemoCheck[] = [];

  add(event: DemoEvent): void {
    const step = this.#steps.at(-1);
    switch (event.kind) {
      case 'step':
        this.#steps.push({
          number: event.number,
          command: event.command,
          effects: [],
          remarks: [],
          clocks: {},
        });
        return;
      case 'effect':
        step?.effects.push(...event.text.split('\n'));
        return;
      case 'remark':
        step?.remarks.push(event.text);
        return;
      case 'clocks':
        if (step !== undefined) step.clocks = event.clocks;
        return;
      case 'check':
        this.#checks.push(event.check);
        return;
      case 'ready':
      case 'progress':
        return;
    }
  }

  finish(scenario: ScenarioName, delivery: DeliveryMode, timeline: readonly TimelineEvent[]): DemoReport {
    const verdict = this.#checks.every(({ holds }) => holds) ? 'consistent' : 'anomaly';
    return { scenario, delivery, steps: this.#steps, timeline, checks: this.#checks, verdict };
  }
}
