import { requestJson } from '../../client/requestJson.js';
import type { ReplicateRequestJson } from '../../protocol/replicationApi.js';
import { errorOfBody } from '../../protocol/errorJson.js';
import type { Stage } from '../stage.js';

/** Gives a node a replication message by hand. */
export async function replicate(
  stage: Stage,
  node: string,
  message: ReplicateRequestJson,
  time: 'first' | 'again' = 'first',
): Promise<void> {
  const { url } = stage.cluster.supervisor.node(node);
  const command = time === 'first' ? commandOf(`${url}/replicate`, message) : '!!   # the same again';
  await stage.narration.step(command, async () => {
    const answer = await requestJson({ url: `${url}/replicate`, method: 'POST', body: message, peer: node });
    if (answer.status !== 200) throw errorOfBody(answer.body, answer.status);
    stage.narration.effect(JSON.stringify(answer.body));
  });
}

/** JSON may be broken at the ends of its parts, and a quoted word of a shell over several lines. */
function commandOf(url: string, message: ReplicateRequestJson): string {
  const [update, ...more] = message.updates.map((each) => JSON.stringify(each));
  if (update === undefined || more.length > 0) throw new TypeError('one update is what fits a reader');
  const rest = update.indexOf('"timestamp"');
  return [
    "curl -H 'content-type: application/json' -d '",
    `  {"from":"${message.from}","clock":${JSON.stringify(message.clock)},"updates":[`,
    `    ${update.slice(0, rest)}`,
    `     ${update.slice(rest)}]}`,
    `  ' ${url}`,
  ].join('\n');
}
