import type { NodeClient, RequestOptions } from '../../client/nodeClient.js';
import { entryText, readManyText } from '../../view/entryText.js';
import type { DemoSession } from '../demoSession.js';
import type { Stage } from '../stage.js';

/** The values of some keys at one moment of one node; null where there is none. */
export type Values = Readonly<Record<string, string | null>>;

export interface Question {
  readonly node: string;
  /** Several are read as one snapshot. */
  readonly keys: readonly string[];
  readonly session?: DemoSession;
  /** How long the node may wait for what the session has seen. Default 5000. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly values: Values;
  /** As `kvc read` prints it. */
  readonly text: string;
}

/** Reads, and tells nobody but the timeline. @throws KvcError as the node answers */
export async function ask(stage: Stage, { node, keys, session, timeoutMs }: Question): Promise<Answer> {
  const options: RequestOptions = {
    ...(session === undefined ? {} : { session: session.token }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const client = stage.client(node);
  const [key = '', ...others] = keys;
  const answer =
    others.length === 0 ? await readOne(client, key, options) : await readMany(client, keys, options);
  if (session !== undefined) session.token = answer.session;
  stage.timeline.clock(node, answer.clock);
  return answer;
}

async function readOne(client: NodeClient, key: string, options: RequestOptions) {
  const answer = await client.read(key, options);
  const text =
    answer.value === null ? `${client.name} has no value for "${key}"` : entryText(answer, true, Date.now());
  return { ...answer, values: { [key]: answer.value }, text };
}

async function readMany(client: NodeClient, keys: readonly string[], options: RequestOptions) {
  const answer = await client.readMany(keys, options);
  const values = Object.fromEntries(answer.entries.map((entry) => [entry.key, entry.value]));
  return { ...answer, values, text: readManyText({ node: client.name, ...answer }, true, Date.now()) };
}
