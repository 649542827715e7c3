import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineFacts, type MachineFacts } from './measure/machine.js';
import { renderReport } from './measure/render.js';
import { isMet, type Report } from './measure/report.js';
import { reportChart } from './measure/reportChart.js';
import { buildIfStale } from './processes/build.js';
import { cleanUpOnSignals, withRelease } from './processes/cleanup.js';
import { paths } from './processes/paths.js';
import { benchChecker } from './sections/checker.js';
import { benchCluster } from './sections/cluster.js';
import { benchDelivery } from './sections/delivery.js';
import { benchHttp } from './sections/http.js';
import { benchImports } from './sections/imports.js';
import { benchMemory } from './sections/memory.js';
import { benchMixes } from './sections/mixes.js';
import { benchRecovery } from './sections/recovery.js';
import { benchRedis } from './sections/redis.js';
import { benchReplication } from './sections/replication.js';
import type { Section, SectionOptions } from './sections/section.js';
import { benchSizes } from './sections/sizes.js';
import { benchStart } from './sections/start.js';
import { benchVisibility } from './sections/visibility.js';

const sections: ReadonlyMap<string, Section> = new Map(
  Object.entries({
    http: benchHttp,
    redis: benchRedis,
    cluster: benchCluster,
    mixes: benchMixes,
    visibility: benchVisibility,
    start: benchStart,
    import: benchImports,
    replication: benchReplication,
    delivery: benchDelivery,
    recovery: benchRecovery,
    sizes: benchSizes,
    memory: benchMemory,
    checker: benchChecker,
  }),
);

const usage = `npm run bench -- [SECTION ...] [--quick] [--profile]
  SECTION    ${[...sections.keys()].join(', ')}; default: all
  --quick    shorter and fewer measurements
  --profile  writes CPU profiles of the nodes to bench/results/profiles; figures are then lower`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const request = parse(args);
  if (request === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  cleanUpOnSignals();
  buildIfStale();
  mkdirSync(paths.results, { recursive: true });
  const dataDir = mkdtempSync(join(paths.results, 'data-'));
  const reports = await withRelease(
    () => rm(dataDir, { recursive: true, force: true }),
    () => runSections(request.names, { ...request, dataDir }),
  );
  return reports.some(({ faults }) => faults.length > 0) ? 1 : 0;
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, profile: { type: 'boolean', default: false } },
    });
    if (!positionals.every((name) => sections.has(name))) return undefined;
    return {
      names: positionals.length === 0 ? [...sections.keys()] : positionals,
      quick: values.quick,
      profileDir: values.profile ? join(paths.results, 'profiles') : undefined,
    };
  } catch {
    return undefined;
  }
}

async function runSections(names: readonly string[], options: SectionOptions): Promise<Report[]> {
  const machine = machineFacts(options.dataDir);
  print(JSON.stringify(machine));
  const reports: Report[] = [];
  for (const name of names) {
    process.stderr.write(`measuring ${name} ...\n`);
    const report = await runSection(name, options);
    reports.push(report);
    print(renderReport(report));
  }
  const results = {
    measured_at: new Date().toISOString(),
    quick: options.quick,
    machine,
    sections: reports.map((report) => ({
      ...report,
      goals: report.goals.map((goal) => ({ ...goal, met: isMet(goal) })),
    })),
  };
  for (const report of reports) writeChart(report, machine, options);
  writeFileSync(join(paths.results, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
  return reports;
}

/** One section that fails must not cost the figures of the others. */
async function runSection(name: string, options: SectionOptions): Promise<Report> {
  const nothing: Report = { name, title: 'not measured', figures: [], goals: [], notes: [], faults: [] };
  try {
    return (await sections.get(name)?.(options)) ?? nothing;
  } catch (error) {
    return { ...nothing, faults: [error instanceof Error ? error.message : String(error)] };
  }
}

/** In bench/results, in a file named for the section. */
function writeChart(report: Report, machine: MachineFacts, { quick }: SectionOptions): void {
  const { cpus, cpu_model: model, node } = machine;
  const run = quick ? 'a quick run: to see that it works, not to compare' : 'medians, low to high';
  const svg = reportChart(report, `${cpus} processors (${model}), Node.js ${node}; ${run}`);
  if (svg !== undefined) writeFileSync(join(paths.results, `${report.name}.svg`), svg);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
