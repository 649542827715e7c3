import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { requestJson } from '../../src/client/requestJson.js';
import { filesIn } from '../support/damage.js';
import { expectReadableEverywhere, sameDigest } from '../support/sameEverywhere.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();
beforeEach(async () => {
  await home.upNew(3);
});

it('`down` under load leaves nothing to replay, and loses nothing', { timeout: 60_000 }, async () => {
  const storm = home.storm('storm', home.fastNodes(), 4);
  await until('there is load', () => storm.acknowledged.length > 500, 30_000);
  expect((await home.kvc('down')).exit).toBe(0);
  await storm.stop();
  expect(storm.unanswered, 'writes were under way').toBeGreaterThan(0);
  await home.up();
  for (const node of ['node1', 'node2', 'node3']) {
    const lines = home.logLines(node).filter(({ message }) => message === 'ready');
    expect(lines, node).toHaveLength(2);
    expect(lines[1]!.facts, node).toMatchObject({ recovered_updates: 0 });
  }
  await sameDigest(home.clients());
  await expectReadableEverywhere(home.clients(), storm.acknowledged);
});

describe('what another version of kvc wrote', { timeout: 60_000 }, () => {
  it.each([
    [
      'an identity',
      () => {
        const path = join(home.dataDir('node2'), 'identity.json');
        const identity = JSON.parse(readFileSync(path, 'utf8')) as object;
        writeFileSync(path, JSON.stringify({ ...identity, format: 99 }));
      },
    ],
    [
      'a segment of the log',
      () => {
        const path = filesIn(home.dataDir('node2'), /log\/\d+\.log$/).at(-1)!;
        const bytes = readFileSync(path);
        bytes.writeUInt32LE(99, 8);
        bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
        writeFileSync(path, bytes);
      },
    ],
  ])('is not read: %s', async (_what, change) => {
    await home.clients()[1]!.write('k', 'v');
    await home.ok('down');
    change();
    const up = await home.kvc('up', '-d');
    expect(up.exit).toBe(7);
    expect(up.err).toContain('KVC_E_FORMAT_UNKNOWN');
    expect(up.err).toContain('format 99');
    expect(home.processes()).toEqual([]);
  });

  it.each([
    ['/replicate', { from: 'node1', clock: {}, updates: [], compression: 'zstd' }, 'compression'],
    ['/snapshot', { from: 'node1', snapshot: null, position: null, part: 2 }, 'part'],
  ])('is refused where it comes as a message: POST %s', async (path, body, named) => {
    const [node1] = home.clients();
    const before = await node1!.inspect();
    const { port } = home.clusterFile().nodes[0]!;
    const answer = await requestJson({ url: `http://127.0.0.1:${port}${path}`, method: 'POST', body });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'KVC_E_BAD_REQUEST', message: expect.stringContaining(named) as string } },
    });
    expect((await node1!.inspect()).clock).toEqual(before.clock);
  });
});
