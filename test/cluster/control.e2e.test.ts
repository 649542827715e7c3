import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestJson, type JsonAnswer, type RequestJson } from '../../src/client/requestJson.js';
import { openCluster } from '../../src/cluster/openCluster.js';
import { until } from '../support/until.js';
import { ask, up, useTestHome } from './testClusters.js';

const { home } = useTestHome();
const delay = { kind: 'delay', delay_ms: 5000, jitter_ms: 0, both: false, for_ms: null } as const;

describe('the control API', () => {
  it('gives a fault to the nodes that send on its links, and takes it from them', async () => {
    const { status } = await up();
    const { control } = await openCluster('test');
    const fault = await control.addFault({ ...delay, target: 'node3' });
    expect(fault).toMatchObject({
      id: 'f1',
      target: 'node3',
      links: [{ source: 'node1' }, { source: 'node2' }],
    });
    expect((await ask(status.nodes[1])).faults).toMatchObject([
      { id: 'f1', target: 'node3', delay_ms: 5000 },
    ]);
    expect((await ask(status.nodes[2])).faults).toEqual([]);
    expect((await control.status()).faults).toEqual([fault]);
    expect(await control.clearFaults({ target: 'node1:node3' })).toMatchObject({
      cleared: ['f1'],
      faults: [{ id: 'f1', links: [{ source: 'node2', target: 'node3' }] }],
    });
    expect(await control.clearFaults({})).toEqual({ cleared: ['f1'], faults: [] });
    expect((await ask(status.nodes[1])).faults).toEqual([]);
  });

  it('gives a fault to a killed node when it is restarted, and to a paused one when it goes on', async () => {
    const { status } = await up({ nodes: 2 });
    const { control } = await openCluster('test');
    await control.kill('node1');
    await control.addFault({ ...delay, target: 'node1:node2' });
    await control.restart('node1');
    expect((await ask(status.nodes[0])).config.faults).toMatchObject([{ id: 'f1', target: 'node2' }]);
    await control.pause('node1');
    await control.clearFaults({});
    await control.addFault({ kind: 'hold', target: 'node1:node2', both: false, for_ms: null });
    await control.resume('node1');
    await until('node1 has the hold alone', async () => {
      const { faults } = await ask(status.nodes[0]);
      return faults.length === 1 && faults[0]?.kind === 'hold';
    });
  });

  it('cuts the links between the groups of a partition, and restores them', async () => {
    const { status } = await up({ nodes: 4 });
    const { control } = await openCluster('test');
    const fault = await control.addFault({ kind: 'partition', shape: 'ring', for_ms: null });
    expect(fault).toMatchObject({ kind: 'partition', target: 'ring node1,node2,node3,node4' });
    const pair = (source: string, target: string) => ({ source, target });
    expect(fault.links).toEqual([
      ...[pair('node1', 'node3'), pair('node2', 'node4'), pair('node3', 'node1'), pair('node4', 'node2')],
    ]);
    expect((await ask(status.nodes[3])).faults).toMatchObject([{ kind: 'partition', target: 'node2' }]);
    await control.addFault({ ...delay, target: 'node3' });
    expect(await control.clearFaults({ kind: 'partition' })).toMatchObject({
      cleared: ['f1'],
      faults: [{ id: 'f2', kind: 'delay' }],
    });
    expect((await ask(status.nodes[3])).faults).toMatchObject([{ kind: 'delay' }]);
  });

  it('gives a restarted node the same seeds', async () => {
    const { status } = await up({ nodes: 2 });
    const { control } = await openCluster('test');
    const drop = { kind: 'drop', percent: 20, target: 'node1:node2', both: false, for_ms: null } as const;
    const { seed } = await control.addFault(drop);
    await control.restart('node1');
    expect((await ask(status.nodes[0])).config.faults).toMatchObject([{ percent: 20, seed }]);
  });

  it('follows what changes at a node without it', async () => {
    const { status } = await up({ nodes: 2 });
    const { control } = await openCluster('test');
    await control.addFault({ ...delay, target: 'node1:node2' });
    await requestJson({ url: `${status.nodes[0]!.url}/faults`, method: 'DELETE' });
    await until('the fault is gone', async () => (await control.status()).faults.length === 0);
  });

  it('refuses strangers and bad requests, and goes on', async () => {
    await up({ nodes: 2 });
    const file = readFileSync(join(home(), 'test', 'cluster.json'), 'utf8');
    const { supervisor } = JSON.parse(file) as { supervisor: { port: number; token: string } };
    const authorization = `Bearer ${supervisor.token}`;
    const send = (path: string, options: Partial<RequestJson> = {}): Promise<JsonAnswer> =>
      requestJson({
        url: `http://127.0.0.1:${supervisor.port}${path}`,
        headers: { authorization },
        ...options,
      });
    const add = (body: object): Promise<JsonAnswer> => send('/faults', { method: 'POST', body });
    const fault = { ...delay, target: 'node1' };
    const outcomes = [
      await send('/status', { headers: {} }),
      await send('/status', { headers: { authorization: 'Bearer x' } }),
      await send('/status', { headers: { authorization, host: 'evil.example' } }),
      await send('/nothing'),
      await send('/nodes/node1/explode', { method: 'POST' }),
      await send('/nodes/node1/constructor', { method: 'POST' }),
      await send('/nodes/node9/kill', { method: 'POST' }),
      await send('/faults', { method: 'POST', body: Buffer.from('{}') }),
      await send('/faults', {
        method: 'POST',
        body: Buffer.from('{'),
        headers: { authorization, 'content-type': 'application/json' },
      }),
      await add({ ...fault, kind: 'explode' }),
      await add({ ...fault, delay_ms: -1 }),
      await add({ ...fault, jitter_ms: 6000 }),
      await add({ ...fault, surprise: 1 }),
      await add({ ...fault, target: 7 }),
      await add({ ...fault, both: 'yes' }),
      await add({ ...fault, for_ms: 0 }),
      await add({ kind: 'drop', target: 'node1', both: false, for_ms: null, percent: 0 }),
      await add({ kind: 'drop', target: 'node1', both: false, for_ms: null, percent: 101 }),
      await add({ kind: 'drop', target: 'node1', both: false, for_ms: null }),
      await add({ ...fault, seed: -1 }),
      await add({ ...fault, seed: 2 ** 32 }),
      await add({ kind: 'partition', for_ms: null }),
      await add({ kind: 'partition', for_ms: null, shape: 'star' }),
      await add({ kind: 'partition', for_ms: null, shape: 'one', groups: [['node1']] }),
      await add({ kind: 'partition', for_ms: null, groups: [[]] }),
      await add({ kind: 'partition', for_ms: null, groups: ['node1'] }),
      await add({ kind: 'partition', for_ms: null, groups: [[7]] }),
      await add({ kind: 'partition', for_ms: null, groups: [['node1'], ['node1']] }),
      await add({ kind: 'partition', for_ms: null, groups: [['node1']], target: 'all' }),
      await send('/faults', { method: 'DELETE', body: { kind: 'explode' } }),
      await add({ ...fault, target: 'node9' }),
      await add({ kind: 'partition', for_ms: null, groups: [['node9']] }),
      await add({ kind: 'partition', for_ms: null, groups: [['node1', 'node2']] }),
    ];
    const codes = outcomes.map(({ body }) =>
      (body as { error: { code: string } }).error.code.replace('KVC_E_', ''),
    );
    expect(codes).toEqual([
      ...['CONTROL_FORBIDDEN', 'CONTROL_FORBIDDEN', 'HOST_FORBIDDEN'],
      ...['ROUTE_NOT_FOUND', 'ROUTE_NOT_FOUND', 'ROUTE_NOT_FOUND', 'NODE_UNKNOWN', 'MEDIA_TYPE'],
      ...Array<string>(22).fill('BAD_REQUEST'),
      ...['NODE_UNKNOWN', 'NODE_UNKNOWN', 'STATE_CONFLICT'],
    ]);
    expect(await send('/status')).toMatchObject({ status: 200, body: { faults: [] } });
  });
});
