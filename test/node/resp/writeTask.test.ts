import { expect, it } from 'vitest';
import type { Operation } from '../../../src/core/update.js';
import type { KeyView } from '../../../src/node/resp/keyView.js';
import type { WritePlan } from '../../../src/node/resp/plans.js';
import { ok } from '../../../src/node/resp/replies.js';
import { RespSession } from '../../../src/node/resp/respSession.js';
import { WriteTask } from '../../../src/node/resp/writeTask.js';
import { ReplyWriter } from '../../../src/protocol/resp/replyWriter.js';
import { alone, drivenReplica, openStores } from '../../driver/drivenReplica.js';

const put = (value: string): Operation => ({ kind: 'put', key: 'k', value: Buffer.from(value) });

/** The answer to a write that others are ahead of so many times. */
async function answerWhenOvertaken(times: number): Promise<string> {
  const stores = await openStores();
  const { driver, replica } = drivenReplica(stores);
  let planned = 0;
  const plan = (view: KeyView): WritePlan => {
    view.winner('k');
    planned += 1;
    if (planned <= times) void driver.write([put('of another')], alone);
    return { operations: [put('own')], isConditional: true, reply: () => ok };
  };
  const node = { driver, replica, keys: stores.keys };
  const task = new WriteTask({ node, session: new RespSession(), defaultWait: alone.wait }, { plan });
  task.begin();
  await expect.poll(() => task.reply, { timeout: 10_000 }).toBeDefined();
  const writer = new ReplyWriter();
  task.reply?.(writer);
  return String(writer.take());
}

it('a conditional write is planned anew as long as others are ahead of it, but not for ever', async () => {
  expect(await answerWhenOvertaken(63)).toBe('+OK\r\n');
  expect(await answerWhenOvertaken(64)).toBe(
    '-KVC_E_CONDITION_FAILED others changed "k" each of the 64 times that this was tried; nothing was written: send it again\r\n',
  );
});
