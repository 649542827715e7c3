import { describe, expect, it } from 'vitest';
import { setCommands } from '../../../../src/node/resp/commands/sets.js';
import { NodeView } from '../../../../src/node/resp/keyView.js';
import type { ReadContext } from '../../../../src/node/resp/plans.js';
import { RespSession } from '../../../../src/node/resp/respSession.js';
import { ReplyWriter } from '../../../../src/protocol/resp/replyWriter.js';
import { alone, drivenReplica, openStores } from '../../../driver/drivenReplica.js';

describe('a command that waits for EXEC', () => {
  it.each([
    ['sismember', ':1\r\n'],
    ['smismember', '*1\r\n:1\r\n'],
  ])('%s keeps nothing of what was received', async (name, answer) => {
    const stores = await openStores();
    const { driver, replica } = drivenReplica(stores);
    await driver.write([{ kind: 'add', key: 's', member: Buffer.from('m') }], alone);
    const received = [Buffer.from('s'), Buffer.from('m')];
    const command = setCommands.find((each) => each.name === name);
    if (command?.kind !== 'read') throw new Error(`${name} is no read`);
    const read = command.parse(received);
    for (const word of received) word.fill(0);
    const view = new NodeView({ node: { keys: stores.keys, replica }, session: new RespSession() });
    const writer = new ReplyWriter();
    // It looks at keys only.
    read.read(view, {} as ReadContext)(writer);
    expect(String(writer.take())).toBe(answer);
  });
});
