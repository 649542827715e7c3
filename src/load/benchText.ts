import { columns } from '../view/columns.js';
import { printable } from '../view/printable.js';
import type { Paint } from '../view/style.js';
import type { BenchProgress } from './benchCluster.js';
import type { BenchReport, LatencyJson } from './benchReport.js';
import type { BenchWork } from './benchWorks.js';

/** Above this, a load says more about what makes it than about the nodes. */
const generatorBusyMax = 0.9;

type Work = Pick<BenchWork, 'protocol' | 'pipeline' | 'readsPercent'>;

/** What was found, as people read it. */
export function benchText(report: BenchReport, paint: Paint): string {
  const { lines, visibility } = report;
  const rows = [
    ['WORK', 'PER SECOND', 'P50', 'P95', 'P99', 'MAX'],
    ...lines.map((line) => [
      workText({ ...line, readsPercent: line.reads_percent }),
      whole(line.per_second),
      ...latencyCells(line),
    ]),
    ...(visibility === null ? [] : [['visible at another node', '', ...latencyCells(visibility)]]),
  ];
  return [paint('bold', heading(report)), columns(rows), ...notesOf(report)].join('\n');
}

/** How far it is, in a line. */
export function benchProgressText({ doing, work, requests, elapsedMs }: BenchProgress): string {
  const seconds = `${Math.floor(elapsedMs / 1000)} s`;
  switch (doing) {
    case 'fills':
      return `writing the keys   ${seconds}`;
    case 'works':
      return `${work === undefined ? '' : workText(work)}   ${seconds}   ${whole(requests)} requests`;
    case 'looks':
      return `visible at another node   ${seconds}   ${whole(requests)} writes`;
    case 'removes':
      return 'deleting the keys';
  }
}

function heading({ cluster, nodes, durability, clients, keys, value_bytes, seconds }: BenchReport): string {
  return [
    `cluster "${cluster.name}"`,
    `${nodes.join(' ')}, ${durability}`,
    `${clients} clients`,
    `${whole(keys)} keys`,
    `values of ${whole(value_bytes)} bytes`,
    `${seconds} s each`,
  ].join('   ');
}

function workText({ protocol, pipeline, readsPercent }: Work): string {
  const by = protocol === 'http' ? 'HTTP' : pipeline === 1 ? 'RESP' : `RESP x ${pipeline}`;
  return `${by}, ${sharesText(readsPercent)}`;
}

function sharesText(readsPercent: number): string {
  if (readsPercent === 100) return 'reads';
  if (readsPercent === 0) return 'writes';
  return `${readsPercent} % reads`;
}

function latencyCells({ p50_ms, p95_ms, p99_ms, max_ms }: LatencyJson): string[] {
  return [p50_ms, p95_ms, p99_ms, max_ms].map((ms) => (ms === null ? '-' : `${ms.toFixed(2)} ms`));
}

function notesOf({ lines, visibility, deleted_keys }: BenchReport): string[] {
  const busy = Math.max(...lines.map(({ generator_busy }) => generator_busy));
  const refused = lines.reduce((sum, line) => sum + line.refused, 0);
  const refusal = lines.find((line) => line.refusal !== null)?.refusal ?? '';
  return [
    ...(lines.some(({ pipeline }) => pipeline > 1) ? ['x N: latencies are of a pipeline of N commands'] : []),
    ...(visibility === null
      ? []
      : [
          'visible: from the acknowledgement to the answer of a read that waits for the write, one at a time',
        ]),
    ...(busy > generatorBusyMax
      ? ['this command itself was busy nearly all the time: nodes may do more']
      : []),
    ...(refused > 0
      ? [`${whole(refused)} requests were refused, the first with: ${printable(refusal)}`]
      : []),
    ...(deleted_keys === null ? [] : [`${whole(deleted_keys)} keys deleted again`]),
  ];
}

function whole(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
