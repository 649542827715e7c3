import { KvcError } from '../../errors.js';
import { formatDuration } from '../../view/formatDuration.js';
import { formatElapsed } from '../../view/formatElapsed.js';
import { callText } from '../commandText.js';
import type { Tone } from '../report.js';
import type { Stage } from '../stage.js';
import { ask, type Question, type Values } from './ask.js';

export interface DemoRead extends Question {
  /** Read again until this holds. Default: once. */
  readonly until?: (values: Values) => boolean;
  /** How the outcome is meant. Default plain. */
  readonly tone?: (values: Values) => Tone;
  /** What the diagram says of it. Default: keys with their values. */
  readonly label?: (values: Values) => string;
}

/** A wait that is shorter than this goes without saying. */
const waitToldFromMs = 100;

export async function read(stage: Stage, question: DemoRead): Promise<Values> {
  const { node, keys, until = () => true, tone = () => 'plain' as const, label = pairs } = question;
  return stage.narration.step(commandOf(question), async () => {
    const startMs = performance.now();
    const { values, text } = await stage.until(`${keys.join(' and ')} at ${node}`, async () => {
      const answer = await ask(stage, question);
      return until(answer.values) ? answer : undefined;
    });
    const waitedMs = performance.now() - startMs;
    if (waitedMs > waitToldFromMs) stage.narration.effect(`(after ${formatElapsed(waitedMs)})`);
    stage.narration.effect(text, tone(values));
    stage.timeline.read(node, `${who(question)}${label(values)}`);
    return values;
  });
}

/**
 * A read for which the node may not wait long enough: what the session has seen is still on its way.
 * @returns what it answered, if it did
 */
export async function readTooEarly(stage: Stage, question: Question): Promise<Values | 'refused'> {
  return stage.narration.step(commandOf(question), async () => {
    try {
      const { values, text } = await ask(stage, question);
      stage.narration.effect(text);
      return values;
    } catch (error) {
      if (!(error instanceof KvcError) || error.code !== 'KVC_E_DEPS_TIMEOUT') throw error;
      const message = error.message.replace('the session', `session ${question.session?.name ?? ''}`);
      stage.narration.effect(`Error: ${message}`, 'wait');
      stage.narration.effect(`Code: ${error.code} (exit ${error.kind.exitCode})`, 'wait');
      stage.timeline.read(question.node, `${who(question)}refused`);
      return 'refused';
    }
  });
}

function commandOf({ node, keys, session, timeoutMs }: Question): string {
  const timeout = timeoutMs === undefined ? undefined : formatDuration(timeoutMs);
  return callText('read', { node, session, timeout }, keys);
}

function who({ session }: Question): string {
  return session === undefined ? '' : `${session.name}: `;
}

function pairs(values: Values): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value ?? '∅'}`)
    .join(' ');
}
