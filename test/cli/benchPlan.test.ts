import { describe, expect, it } from 'vitest';
import { benchPlan, type BenchFlags } from '../../src/cli/benchPlan.js';
import { worksOf } from '../../src/load/benchWorks.js';

const flags: BenchFlags = {
  protocol: undefined,
  pipeline: undefined,
  clients: '50',
  keys: '10000',
  'value-size': '100',
  seconds: '3',
  reads: undefined,
};

function works(changed: Partial<BenchFlags>): string[] {
  return worksOf(benchPlan({ ...flags, ...changed }, 3)).map(
    ({ protocol, pipeline, readsPercent }) => `${protocol} ${pipeline} ${readsPercent}`,
  );
}

describe('the plan of kvc bench', () => {
  it('has reads, writes and a mix over both protocols', () => {
    expect(works({})).toEqual(['resp 1 100', 'resp 1 0', 'resp 1 50', 'http 1 100', 'http 1 0', 'http 1 50']);
  });

  it('has pipelines besides single commands, over RESP only', () => {
    expect(works({ pipeline: '16', reads: '90' })).toEqual(['resp 1 90', 'resp 16 90', 'http 1 90']);
  });

  it('has what is asked for', () => {
    expect(works({ protocol: 'http', reads: '0' })).toEqual(['http 1 0']);
    expect(
      benchPlan({ ...flags, clients: '7', keys: '8', 'value-size': '9', seconds: '10' }, 3),
    ).toMatchObject({
      clients: 7,
      keys: 8,
      valueBytes: 9,
      seconds: 10,
    });
  });

  it.each<[string, Partial<BenchFlags>]>([
    ['--clients', { clients: '0' }],
    ['--clients', { clients: '2' }],
    ['--clients', { clients: '1001' }],
    ['--keys', { keys: '1e3' }],
    ['--keys', { keys: '10000001' }],
    ['--value-size', { 'value-size': '0' }],
    ['--value-size', { 'value-size': '1048577', keys: '1' }],
    ['--seconds', { seconds: '0' }],
    ['--seconds', { seconds: '3601' }],
    ['--reads', { reads: '101' }],
    ['--reads', { reads: '-1' }],
    ['--pipeline', { pipeline: '0' }],
    ['--pipeline', { pipeline: '1001' }],
    ['--pipeline', { pipeline: '2', protocol: 'http' }],
    ['--keys times --value-size', { keys: '10000000' }],
    ['--pipeline times --value-size', { keys: '1', pipeline: '17', 'value-size': '1048576' }],
  ])('refuses a %s out of its limits: %j', (flag, changed) => {
    expect(() => benchPlan({ ...flags, ...changed }, 3)).toThrow(
      expect.objectContaining({ code: 'KVC_E_USAGE', message: expect.stringContaining(flag) as unknown }),
    );
  });
});
