import { writeText } from '../../view/writeText.js';
import { callText } from '../commandText.js';
import type { DemoSession } from '../demoSession.js';
import type { Stage } from '../stage.js';

export interface DemoWrite {
  readonly node: string;
  readonly key: string;
  readonly value: string;
  readonly session?: DemoSession;
  /** What the diagram calls it. Default `key=value`. */
  readonly label?: string;
  /** Nodes that the update is to have reached before the story goes on, be it delivered there or waiting. */
  readonly reaches: readonly string[];
}

export async function write(
  stage: Stage,
  { node, key, value, session, label, reaches }: DemoWrite,
): Promise<void> {
  await stage.narration.step(callText('write', { node, session }, [key, value]), async () => {
    const moment = stage.timeline.moment();
    const options = session === undefined ? {} : { session: session.token };
    const written = await stage.client(node).write(key, value, options);
    if (session !== undefined) session.token = written.session;
    stage.timeline.written(written.dot, label ?? `${key}=${value}`, moment);
    stage.timeline.clock(node, written.clock);
    stage.narration.effect(writeText(written, Date.now()));
    for (const target of reaches) await stage.arrival(written.dot, target);
  });
}
