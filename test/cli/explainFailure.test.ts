import { describe, expect, it } from 'vitest';
import { explainFailure, isExplained } from '../../src/cli/explainFailure.js';
import type { ControlStatusJson, NodeState } from '../../src/cluster/controlApi.js';
import { KvcError, type ErrorCode } from '../../src/errors.js';
import { nodeLimitsOf } from '../../src/protocol/nodeLimits.js';

function statusOf(...states: readonly NodeState[]): ControlStatusJson {
  const nodes = states.map((state, index) => {
    const [name, port] = [`node${index + 1}`, 7101 + index];
    const at = { port, url: `http://127.0.0.1:${port}`, resp_port: port + 1000 };
    return { name, ...at, state, since_ms: 0, restarts: 0, detail: null };
  });
  const cluster = { id: 'c', name: 'default' };
  const kind = { delivery: 'causal', durability: 'durable', limits: nodeLimitsOf({}) } as const;
  return { cluster, instance: 'i', ...kind, started_at_ms: 0, nodes, faults: [] };
}

const call = { node: 'node1', session: undefined, timeoutMs: 5000 };
const allRun = statusOf('running', 'running', 'running');

function explained(
  code: ErrorCode,
  facts: object = {},
  over: Partial<typeof call> | object = {},
  status = allRun,
) {
  const error = new KvcError(code, 'as the node says it', { ...facts });
  return explainFailure(error, { ...call, ...over }, status);
}

describe('a write that is not durable at as many nodes as asked', () => {
  it('says at how many it is, and that the others may still get it', () => {
    const error = explained('KVC_E_NOT_DURABLE', { durable_at: ['node1'], replicas: 2 });
    expect(error.message).toBe(
      'the write became durable at 1 of the 2 nodes asked for within 5s (node1); it stands, and may still reach the others',
    );
    expect(error.facts).toMatchObject({
      durable_at: ['node1'],
      replicas: 2,
      try: ['--timeout 10s', 'kvc status', 'kvc inspect'],
    });
    expect(error.kind).toMatchObject({ exitCode: 6, definite: false });
  });

  it('does not say that it stands when its own node has not flushed it', () => {
    const error = explained('KVC_E_NOT_DURABLE', { durable_at: [], replicas: 1 }, { timeoutMs: 60_000 });
    expect(error.message).toBe('node1 did not make the write durable within 1m; it may still happen');
    expect(error.facts['try']).toContain('--timeout 2m');
  });

  it('leaves it to the node to say what it knows where it does not say enough', () => {
    expect(explained('KVC_E_NOT_DURABLE', { durable_at: ['node1'] }).message).toBe('as the node says it');
  });

  it('advises no longer wait than there may be', () => {
    expect(explained('KVC_E_NOT_DURABLE', {}, { timeoutMs: 600_000 }).facts['try']).toContain(
      '--timeout 10m',
    );
  });
});

describe('a session that has seen what is lost', () => {
  it('can be reset by its name, or the token replaced', () => {
    expect(explained('KVC_E_DEPS_LOST', { lost: 1 }, { session: 'alice' }).facts).toEqual({
      lost: 1,
      try: ['kvc session reset alice'],
    });
    expect(explained('KVC_E_DEPS_LOST').facts['try']).toEqual(['--token new']);
  });
});

describe('a node that cannot take the write', () => {
  it('has others beside it, if one runs', () => {
    const others = statusOf('running', 'killed', 'running');
    expect(explained('KVC_E_DISK_FULL', {}, {}, others).facts['try']).toEqual([
      'free disk space',
      '--node 3',
    ]);
    expect(explained('KVC_E_REMOVED', {}, {}, others).facts['try']).toEqual(['--node 3', 'kvc status']);
    expect(explained('KVC_E_DISK_FULL', {}, {}, statusOf('running')).facts['try']).toEqual([
      'free disk space',
    ]);
  });
});

describe('any other failure', () => {
  it('is what it is', () => {
    const error = new KvcError('KVC_E_KEY_INVALID', 'empty');
    expect(isExplained(error)).toBe(false);
    expect(explainFailure(error, call, allRun)).toBe(error);
  });
});

describe('a write whose condition does not hold', () => {
  const dot = (counter: number) => ({ node: 'node2', counter });
  const facts = { key: 'a', session: 'kvc1.c.node2:4' };

  it('says what stands there, and how to write all the same', () => {
    const versions = [
      { value: 'x'.repeat(61), dot: dot(1) },
      { value: '["p","q"]', type: 'set', members: [{ value: 'p' }, { value: 'q' }], dot: dot(2) },
      { value: null, dot: dot(3) },
      { value: '4', dot: dot(4) },
    ];
    const error = explained('KVC_E_CONDITION_FAILED', { ...facts, versions });
    expect(error.message).toBe(
      `as the node says it. node1 holds ${'x'.repeat(60)}... (node2:1), {p, q} (node2:2), nothing since node2:3 and 1 more`,
    );
    expect(error.facts).toMatchObject({
      ...facts,
      versions,
      try: ['kvc read a --siblings', '--if-context kvc1.c.node2:4'],
    });
    expect(error.kind.exitCode).toBe(8);
  });
});
