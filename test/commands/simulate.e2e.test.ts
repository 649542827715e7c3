import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulationReport } from '../../src/simulate/report.js';
import { Cli } from './cli.js';

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
});
afterAll(() => cli.close());

async function reportOf(...args: string[]): Promise<SimulationReport & { readonly exitCode: number }> {
  const { stdout, exitCode } = await cli.run('simulate', '--json', ...args);
  return { ...(JSON.parse(stdout) as SimulationReport), exitCode };
}

describe('kvc simulate', () => {
  it('plays the seeds that it is told to, and says what was exercised', async () => {
    const { stdout, exitCode } = await cli.run('simulate', '--seed', '1', '--runs', '3');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ {2}message lost +[1-9]/m);
    expect(stdout).toMatch(/^consistent: 3 runs \(seeds 1 to 3\)/m);
  });

  it('tells the seed that it has drawn', async () => {
    const { stdout, stderr } = await cli.run('simulate', '--runs', '1');
    const seed = /first seed: ([0-9]+)/.exec(stderr)?.[1];
    expect(stdout).toContain(`(seed ${seed})`);
  });

  it('finds what fifo delivery breaks, and the steps that it names break it again', async () => {
    const { failure, verdict, exitCode } = await reportOf(
      '--delivery',
      'fifo',
      '--seed',
      '1',
      '--runs',
      '50',
    );
    expect([verdict, exitCode]).toEqual(['violation', 10]);
    expect(failure?.steps.length).toBeLessThanOrEqual(10);
    const [, , ...again] = failure?.replay_shrunk.split(' ') ?? [];
    expect(await reportOf(...again)).toMatchObject({
      exitCode: 10,
      failure: { violations: failure?.shrunk_violations, steps: failure?.steps },
    });
  });

  it('prints the same trace for the same seed', async () => {
    const [first, second] = [
      await cli.run('simulate', '--trace', '--runs', '1', '--seed', '2'),
      await cli.run('simulate', '--trace', '--runs', '1', '--seed', '2'),
    ];
    expect(first.stdout).toMatch(/^0 node1 boot\n/);
    expect(second.stdout).toBe(first.stdout);
  });

  it('plays clusters of the size, and as many steps, as it is told', async () => {
    const report = await reportOf('--seed', '1', '--runs', '2', '--nodes', '2', '--steps', '5');
    expect(report).toMatchObject({ verdict: 'consistent', runs: 2, exitCode: 0 });
    expect(report.steps).toBeLessThan(40);
  });

  it('plays the steps alone that it is told', async () => {
    const alone = ['--seed', '1', '--runs', '1', '--only'];
    expect(await reportOf(...alone, '0,2')).toMatchObject({ steps: 2, exitCode: 0 });
    expect(await reportOf(...alone, 'none')).toMatchObject({ steps: 0, exitCode: 0 });
  });

  it.each([
    [['--nodes', '1'], 'from 2 to 9'],
    [['--nodes', '10'], 'from 2 to 9'],
    [['--runs', '0'], 'number of runs'],
    [['--steps', 'x'], 'number of steps'],
    [['--seed', '-1'], 'seed'],
    [['--seed', '4294967295', '--runs', '2'], 'seed'],
    [['--only', '3'], '--seed'],
    [['--only', '3', '--seed', '1'], 'add --runs 1'],
    [['--only', '3,x', '--seed', '1', '--runs', '1'], '--only takes'],
    [['--only', '3', '--seed', '1', '--runs', '1', '--steps', '1', '--nodes', '2'], 'from 0 to '],
    [['--seed', '1', '--trace'], 'add --runs 1'],
  ])('refuses %j', async (args, reason) => {
    const { exitCode, stderr } = await cli.run('simulate', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
  });

  it('refuses a trace as JSON, for there is none', async () => {
    const { exitCode, stdout } = await cli.run('simulate', '--seed', '1', '--runs', '1', '--trace', '--json');
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'KVC_E_USAGE' } }]);
  });
});
