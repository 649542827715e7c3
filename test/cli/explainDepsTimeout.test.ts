import { describe, expect, it } from 'vitest';
import { nodeLimitsOf } from '../../src/protocol/nodeLimits.js';
import { chooseNode } from '../../src/cli/chooseNode.js';
import { explainDepsTimeout } from '../../src/cli/explainDepsTimeout.js';
import type { ControlStatusJson, FaultJson, NodeState } from '../../src/cluster/controlApi.js';
import { KvcError } from '../../src/errors.js';
import { delayFault, dropFault, holdFault, partitionFault } from '../view/clusterViews.js';

function statusOf(states: readonly NodeState[], faults: FaultJson[] = []): ControlStatusJson {
  const nodes = states.map((state, index) => ({
    name: `node${index + 1}`,
    port: 7101 + index,
    url: `http://127.0.0.1:${7101 + index}`,
    resp_port: 8101 + index,
    state,
    since_ms: 0,
    restarts: 0,
    detail: state === 'failed' ? 'its log is damaged' : null,
  }));
  return {
    cluster: { id: 'c', name: 'default' },
    instance: 'i',
    delivery: 'causal',
    durability: 'durable',
    limits: nodeLimitsOf({}),
    started_at_ms: 0,
    nodes,
    faults,
  };
}

const call = { node: 'node3', session: 'alice', timeoutMs: 1000 };
const allRun = ['running', 'running', 'running'] as const;

function timeout(...missing: { node: string; counter: number }[]): KvcError {
  return new KvcError('KVC_E_DEPS_TIMEOUT', 'as the node says it', { node: 'node3', missing });
}

const missingOne = { node: 'node1', counter: 1 };

describe('explainDepsTimeout', () => {
  it('names the missing dot and the session, and how to wait, go elsewhere or end the delay', () => {
    const error = explainDepsTimeout(timeout(missingOne), call, statusOf(allRun, [delayFault]));
    expect(error.message).toBe('node3 has not delivered node1:1, which session alice has seen');
    expect(error.code).toBe('KVC_E_DEPS_TIMEOUT');
    expect(error.facts['try']).toEqual(['--timeout 6s', '--node 1', 'kvc delay node1:node3 off']);
    expect(error.facts['missing']).toEqual([missingOne]);
  });

  it('knows whose write it is when its node lost its data before it wrote it', () => {
    const later = { node: 'node1.k3x9f', counter: 1 };
    const error = explainDepsTimeout(timeout(later), call, statusOf(allRun, [delayFault]));
    expect(error.message).toContain('has not delivered node1.k3x9f:1');
    expect(error.facts['try']).toEqual(['--timeout 6s', '--node 1', 'kvc delay node1:node3 off']);
  });

  it('does not advise to wait for a link that is held', () => {
    const error = explainDepsTimeout(timeout(missingOne), call, statusOf(allRun, [holdFault]));
    expect(error.facts['try']).toEqual(['--node 1', 'kvc release node3']);
  });

  it('does not advise to wait for what a partition or a drop of everything keeps away', () => {
    const advice = (fault: FaultJson) =>
      explainDepsTimeout(timeout(missingOne), call, statusOf(allRun, [fault])).facts['try'];
    expect(advice(partitionFault)).toEqual(['--node 1', 'kvc partition off']);
    expect(advice(dropFault(100))).toEqual(['--node 1', 'kvc drop node1:node3 off']);
    expect(advice(dropFault(20))).toEqual(['--timeout 2s', '--node 1', 'kvc drop node1:node3 off']);
  });

  it('does not advise to end faults on other links', () => {
    const elsewhere = { ...delayFault, links: [{ source: 'node2', target: 'node3' }] };
    const error = explainDepsTimeout(timeout(missingOne), call, statusOf(allRun, [elsewhere]));
    expect(error.facts['try']).toEqual(['--timeout 2s', '--node 1', 'kvc inspect node3']);
  });

  it('sends nobody to a node that is down, but says how to bring it back', () => {
    const paused = statusOf(['paused', 'running', 'running']);
    expect(explainDepsTimeout(timeout(missingOne), call, paused).facts['try']).toEqual([
      'kvc resume node1',
      'kvc inspect node3',
    ]);
    const killed = statusOf(['killed', 'running', 'running']);
    expect(explainDepsTimeout(timeout(missingOne), call, killed).facts['try']).toContain('kvc restart node1');
  });

  it('names no node to go to when dots of several are missing', () => {
    const error = explainDepsTimeout(
      timeout(missingOne, { node: 'node2', counter: 4 }),
      { ...call, session: undefined },
      statusOf(allRun),
    );
    expect(error.message).toBe('node3 has not delivered node1:1, node2:4, which the session has seen');
    expect(error.facts['try']).toEqual(['--timeout 2s', 'kvc inspect node3']);
  });

  it('advises one time to wait that is enough for all, and none where one of them is held', () => {
    const both = timeout(missingOne, { node: 'node2', counter: 4 });
    expect(explainDepsTimeout(both, call, statusOf(allRun, [delayFault])).facts['try']).toEqual([
      '--timeout 6s',
      'kvc delay node1:node3 off',
      'kvc inspect node3',
    ]);
    const held = { ...holdFault, links: [{ source: 'node2', target: 'node3' }] };
    const advice = explainDepsTimeout(both, call, statusOf(allRun, [held])).facts['try'];
    expect(advice).toEqual(['kvc inspect node3', 'kvc release node3']);
  });
});

describe('chooseNode', () => {
  it('takes the node named, or else the first that runs', () => {
    const status = statusOf(['killed', 'running', 'running']);
    expect(chooseNode(status, 'node3').name).toBe('node3');
    expect(chooseNode(status, undefined).name).toBe('node2');
  });

  it.each<[NodeState, string, string]>([
    ['paused', 'KVC_E_NODE_PAUSED', 'kvc resume node1'],
    ['killed', 'KVC_E_NODE_DOWN', 'kvc restart node1'],
    ['failed', 'KVC_E_NODE_DOWN', 'kvc logs node1'],
    ['restarting', 'KVC_E_NODE_DOWN', 'kvc status'],
  ])('refuses a node that is %s at once, with a remedy', (state, code, remedy) => {
    const choose = () => chooseNode(statusOf([state]), 'node1');
    expect(choose).toThrow(
      expect.objectContaining({ code, facts: expect.objectContaining({ try: [remedy] }) as unknown }),
    );
  });

  it('says of each node why none can be asked', () => {
    const choose = () => chooseNode(statusOf(['killed', 'paused']), undefined);
    expect(choose).toThrow(/node1 is killed, node2 is paused/);
  });
});
