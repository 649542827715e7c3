import { describe, expect, it } from 'vitest';
import { requestJson } from '../../src/client/requestJson.js';
import { stopCluster } from '../../src/cluster/stopCluster.js';
import type { ErrorJson } from '../../src/protocol/api.js';
import { until } from '../support/until.js';
import {
  ask,
  byForce,
  fileOf,
  isAlive,
  later,
  leaving,
  namesNow,
  nodesOf,
  order,
  up,
  upApart,
  upWithControl,
  useTestHome,
} from './testClusters.js';

const { home } = useTestHome();

describe('changes of the nodes', () => {
  it('are made one after another, whoever asks for them at the same time', async () => {
    const control = await upWithControl(3);
    const outcomes = await Promise.all([
      control.addNode({}),
      control.removeNode('node2', leaving),
      control.addNode({}),
      control.restart('node1'),
      control.addNode({}),
    ]);
    const ports = [outcomes[0], outcomes[2], outcomes[4]].map(({ port }) => port);
    expect(new Set(ports).size).toBe(3);
    const nodes = await nodesOf();
    expect(nodes.map(({ name, state }) => `${name} ${state}`)).toEqual(
      ['node1', 'node3', 'node4', 'node5', 'node6'].map((name) => `${name} running`),
    );
    const [last] = nodes.slice(-1);
    expect((await ask(last)).config.members.map(({ name }) => name)).toEqual(nodes.map(({ name }) => name));
  });

  it('let a node that is down start twice in a row when it is asked to twice at the same time', async () => {
    const control = await upWithControl(2);
    await control.kill('node2');
    const outcomes = await Promise.all([control.restart('node2'), control.restart('node2')]);
    expect(outcomes.map(({ nodes }) => nodes[1]?.state)).toEqual(['running', 'running']);
    expect((await nodesOf())[1]).toMatchObject({ state: 'running', restarts: 0 });
  });

  it('do not wait for a node that is removed by force while it joins', async () => {
    order({ node2: { progress: 'asks node1 to admit it', deaf: true } });
    const control = await upWithControl(1);
    const adding = later(control.addNode({}));
    await until('it joins', async () => (await nodesOf())[1]?.detail === 'asks node1 to admit it');
    const restarting = later(control.restart('node1'));
    const removing = later(control.removeNode('node2', byForce));
    await expect(adding).rejects.toMatchObject({ code: 'KVC_E_START_FAILED' });
    expect((await restarting).nodes[0]?.state).toBe('running');
    expect(await removing).toEqual({ node: 'node2', forced: true, held: {} });
    expect(await namesNow()).toEqual(['node1']);
  });

  it('do not keep a node down for which another one may wait', async () => {
    order({ node3: { progress: 'asks node2 to admit it' } });
    const control = await upWithControl(2);
    await control.kill('node2');
    const adding = later(control.addNode({}));
    await until('it joins', async () => (await nodesOf())[2]?.detail === 'asks node2 to admit it');
    expect((await control.restart('node2')).nodes[1]?.state).toBe('running');
    await ask((await nodesOf())[2], '/ready');
    expect(await adding).toMatchObject({ name: 'node3', state: 'running' });
  });

  it('are ended by down, which a joining node does not hang; it joins at the next up', async () => {
    // While node1 takes its time to stop, it would take node2 back if it were asked to.
    order({ node1: { deaf: true }, node2: { progress: 'asks node1 to admit it' } });
    const control = await upWithControl(1);
    const adding = later(control.addNode({}));
    const waiting = later(control.addNode({}));
    await until('it joins', async () => (await nodesOf())[1]?.detail === 'asks node1 to admit it');
    const { pid } = await ask((await nodesOf())[1]);
    await stopCluster('test', false);
    expect(isAlive(pid)).toBe(false);
    await expect(adding).rejects.toThrow();
    await expect(waiting).rejects.toThrow();
    expect(fileOf(home())).toMatchObject({ nodes: [{ name: 'node1' }, { name: 'node2' }], formerNodes: [] });
    order({});
    const again = await up();
    expect(again.status.nodes.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'node1 running',
      'node2 running',
    ]);
  });

  it('are ended by down while the cluster still starts', async () => {
    order({ node2: { progress: 'asks node1 to admit it' } });
    const starting = later(upApart(2));
    await until('node2 joins', async () => (await nodesOf())[1]?.detail === 'asks node1 to admit it');
    await stopCluster('test', false);
    await expect(starting).rejects.toMatchObject({ code: 'KVC_E_START_FAILED' });
  });
});

describe('malformed requests', () => {
  const bad: [path: string, body: unknown, code: string][] = [
    ['/nodes', undefined, 'KVC_E_MEDIA_TYPE'],
    ['/nodes', [], 'KVC_E_BAD_REQUEST'],
    ['/nodes', { surprise: 1 }, 'KVC_E_BAD_REQUEST'],
    ['/nodes', { name: 7 }, 'KVC_E_BAD_REQUEST'],
    ['/nodes', { name: '' }, 'KVC_E_BAD_REQUEST'],
    ['/nodes', { name: '../x' }, 'KVC_E_BAD_REQUEST'],
    ['/nodes', { name: 'node3.k3x9f' }, 'KVC_E_BAD_REQUEST'],
    ['/nodes', { name: 'supervisor' }, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node9/remove', leaving, 'KVC_E_NODE_UNKNOWN'],
    ['/nodes/node1/remove', undefined, 'KVC_E_MEDIA_TYPE'],
    ['/nodes/node1/remove', {}, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node1/remove', { ...leaving, force: 'yes' }, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node1/remove', { ...leaving, timeout_ms: 0 }, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node1/remove', { ...leaving, timeout_ms: 600_001 }, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node1/remove', { ...leaving, timeout_ms: '1s' }, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node1/remove', { ...leaving, surprise: 1 }, 'KVC_E_BAD_REQUEST'],
    ['/nodes/node9/restart', undefined, 'KVC_E_NODE_UNKNOWN'],
  ];

  it('are refused, and change nothing', async () => {
    await upApart(2);
    const { port, token } = fileOf(home()).supervisor!;
    const answers: unknown[] = [];
    for (const [path, body] of bad) {
      const url = `http://127.0.0.1:${port}${path}`;
      const headers = { authorization: `Bearer ${token}` };
      const answer = await requestJson({ url, method: 'POST', headers, body });
      answers.push([path, body, (answer.body as ErrorJson).error.code]);
    }
    expect(answers).toEqual(bad);
    expect((await nodesOf()).map(({ name, state }) => `${name} ${state}`)).toEqual([
      'node1 running',
      'node2 running',
    ]);
  });
});
