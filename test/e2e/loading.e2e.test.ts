import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { requestJson } from '../../src/client/requestJson.js';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { expectReadableEverywhere, level, sameDigest } from '../support/sameEverywhere.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const keys = 1500;

const home = useHome();

it(
  'a node that is killed while it loads goes on where it was; it serves nothing before, and its source all the time',
  { timeout: 120_000 },
  async () => {
    await home.upNew(3);
    const nodes = home.clients();
    const fast = home.fastNodes();
    const { port } = home.clusterFile().nodes[1]!;
    // 15 MB, a part of 1 MB at a time, and each takes its time.
    await runClients(16, keys, (index) =>
      fast[index % 3]!.write(`key${index}`, `${index} `.padEnd(10_000, 'x')),
    );
    await level(nodes);
    await home.ok('delay', 'node2:node1', '250ms');
    await home.ok('delay', 'node2:node3', '250ms');
    const storm = home.storm('storm', [fast[0]!, fast[2]!], 2);
    rmSync(home.dataDir('node2'), { recursive: true });
    process.kill(home.pidOf('node2'), 'SIGKILL');

    const ready = () => requestJson({ url: `http://127.0.0.1:${port}/readyz` });
    const loaded = (): { count: number; entries: number }[] =>
      home
        .logLines('node2')
        .map(({ message }) => /loads a snapshot from \S+: (\d+) of (\d+) entries/.exec(message))
        .filter((match) => match !== null)
        .map(([, count, entries]) => ({ count: Number(count), entries: Number(entries) }));
    await until('it has loaded some', () => loaded().some(({ count }) => count > 300), 30_000);
    expect(await ready()).toMatchObject({
      status: 503,
      body: { status: 'loading', reason: expect.stringContaining('loads a snapshot from node') as string },
    });
    await expect(nodes[1]!.read('key1')).rejects.toMatchObject({ code: 'KVC_E_NOT_READY' });
    const before = loaded();
    process.kill(home.pidOf('node2'), 'SIGKILL');
    await until('it serves', async () => (await ready()).status === 200, 60_000);
    await storm.stop();
    const { count, entries } = before.at(-1)!;
    const counts = loaded().map((line) => line.count);
    expect(counts.length, 'it went on loading').toBeGreaterThan(before.length);
    expect(counts, 'it did not begin again').toEqual([...counts].sort((left, right) => left - right));
    expect(counts.at(-1)).toBe(entries);
    expect(storm.unanswered, 'the others served all the time').toBe(0);
    await home.ok('heal');
    await sameDigest(nodes);
    await expectReadableEverywhere(nodes, storm.acknowledged);
    const states = await Promise.all(nodes.map((node) => node.inspect()));
    expect(states.reduce((sum, { counters }) => sum + counters.snapshots_given, 0)).toBe(1);
    report('loading', { entries, 'before the kill': count });
  },
);
