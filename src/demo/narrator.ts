import { formatClock } from '../view/formatClock.js';
import type { Paint, Style } from '../view/style.js';
import type { ClocksByNode, DemoCheck, DemoEvent, DemoReport, Tone } from './report.js';
import type { Scenario } from './scenario.js';
import { spaceTimeDiagram } from './spaceTimeDiagram.js';
import { nextCommand, verdictText } from './verdict.js';
import { wrap } from '../view/wrap.js';

const margin = '    ';
const widthMin = 60;
const widthMax = 96;

/** Where the narration goes. */
export interface Screen {
  write(text: string): unknown;
  /** Characters in a line. Default 80. */
  readonly columns?: number;
  /** Whether a line can be written over. */
  readonly isTTY?: boolean;
}

const toneStyles: Readonly<Record<Tone, Style | undefined>> = {
  plain: undefined,
  good: 'green',
  wait: 'yellow',
  bad: 'red',
};

/** Tells a demo to people as it is played. */
export class Narrator {
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #width: number;
  #clocksShown = '';
  #isOverProgress = false;

  constructor(screen: Screen, paint: Paint) {
    this.#screen = screen;
    this.#paint = paint;
    this.#width = Math.min(widthMax, Math.max(widthMin, screen.columns ?? 80)) - margin.length;
  }

  open({ name, title, story }: Scenario): void {
    this.#line(`${this.#paint('bold', title)}${this.#paint('dim', `   ${name}`)}`);
    for (const line of wrap(story, this.#width)) this.#line(line);
    this.#progress('starting three nodes');
  }

  tell(event: DemoEvent): void {
    switch (event.kind) {
      case 'ready':
        return this.#ready(event);
      case 'step':
        return this.#step(event.number, event.command);
      case 'effect':
        return this.#effect(event.text, event.tone);
      case 'remark':
        return this.#remark(event.text);
      case 'clocks':
        return this.#clocks(event.clocks);
      case 'progress':
        return this.#progress(event.text);
      case 'check':
        return;
    }
  }

  close(report: DemoReport): void {
    this.#line('');
    const nodes = [...new Set(report.steps.flatMap(({ clocks }) => Object.keys(clocks)))];
    for (const line of spaceTimeDiagram(nodes, report.timeline, this.#paint)) this.#line(line);
    this.#line(this.#paint('dim', `${margin}● visible   ◌ waits for another update   ○ a read`));
    this.#line('');
    for (const check of report.checks) this.#check(check);
    this.#line('');
    this.#line(this.#paint(report.verdict === 'consistent' ? 'green' : 'red', verdictText(report)));
    this.#line(`Next: ${nextCommand(report)}`);
  }

  /** Leaves the screen in order, also where a demo breaks off. */
  end(): void {
    if (this.#isOverProgress) this.#screen.write('\r\u001b[K');
    this.#isOverProgress = false;
  }

  #ready({ elapsedMs, delivery }: Extract<DemoEvent, { kind: 'ready' }>): void {
    const seconds = (elapsedMs / 1000).toFixed(1);
    this.#line('');
    this.#line(this.#paint('dim', `three nodes ready in ${seconds} s, delivery ${delivery}`));
  }

  #step(number: number, command: string): void {
    const [first = '', ...more] = command.split('\n');
    this.#line('');
    this.#line(`${this.#paint('dim', `${String(number).padStart(2)}  $`)} ${this.#paint('bold', first)}`);
    for (const line of more) this.#line(`${margin}${this.#paint('bold', line)}`);
  }

  #effect(text: string, tone: Tone): void {
    const style = toneStyles[tone];
    for (const line of text.split('\n').flatMap((each) => wrap(each, this.#width, 'listing'))) {
      this.#line(margin + (style === undefined ? line : this.#paint(style, line)));
    }
  }

  #remark(text: string): void {
    const mark = '# ';
    for (const line of wrap(text, this.#width - mark.length))
      this.#line(margin + this.#paint('cyan', mark + line));
  }

  /** Only where they have changed. */
  #clocks(clocks: ClocksByNode): void {
    const parts = Object.entries(clocks).map(
      ([node, clock]) => `${node} ${clock === null ? 'down' : formatClock(clock)}`,
    );
    const text = parts.join('   ');
    const isStart = Object.values(clocks).every((clock) => clock !== null && Object.keys(clock).length === 0);
    if (isStart || text === this.#clocksShown) return;
    this.#clocksShown = text;
    const label = 'clocks  ';
    const lines = label.length + text.length <= this.#width ? [text] : parts;
    for (const [index, line] of lines.entries()) {
      this.#line(this.#paint('dim', margin + (index === 0 ? label : ' '.repeat(label.length)) + line));
    }
  }

  #check({ claim, holds, observed }: DemoCheck): void {
    const mark = holds ? this.#paint('green', '✔') : this.#paint('red', '✘');
    const [first = '', ...more] = wrap(`${claim} (${observed})`, this.#width);
    this.#line(`${mark} ${first}`);
    for (const line of more) this.#line(`  ${line}`);
  }

  /** A line that the next one takes the place of. */
  #progress(text: string): void {
    if (this.#screen.isTTY !== true) return;
    this.#screen.write(`\r\u001b[K${this.#paint('dim', `${margin}${text}`.slice(0, this.#width))}`);
    this.#isOverProgress = true;
  }

  #line(text: string): void {
    this.end();
    this.#screen.write(`${text.trimEnd()}\n`);
  }
}
