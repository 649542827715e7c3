import type { CausalGraph } from '../order/causalGraph.js';
import { describeNowhere, describeVersion, describeWrite, sessionName } from '../witness/describe.js';
import { at } from '../attribution/flatHistory.js';
import { type Finding, findingsMax } from '../witness/finding.js';

/**
 * The pattern ThinAirRead (Bouajjani et al., POPL 2017, table 2): a read returned what nobody wrote. So is what an
 * operation was to write that certainly did not happen: to single operations it is the same, and the explanation names it.
 */
export function findThinAirReads(graph: CausalGraph): Finding[] {
  const { flat } = graph.attributed;
  const findings: Finding[] = [];
  for (const { node, access, sources } of graph.reads) {
    const version = sources.findIndex(({ kind }) => kind === 'nowhere' || kind === 'failed');
    const source = sources[version];
    const read = flat.accesses[access];
    if (source?.kind !== 'nowhere' && source?.kind !== 'failed') continue;
    if (read?.kind !== 'read') continue;
    const write = source.kind === 'failed' ? source.write : source.named;
    findings.push({
      pattern: 'ThinAirRead',
      graph,
      nodes: [node],
      ...(write === undefined ? {} : { operations: [at(flat.operationOf, write)] }),
      explain: () => {
        const got = describeVersion(read.key, read.returned[version] ?? { value: null });
        const who = `${sessionName(graph, node)} read ${got}`;
        return source.kind === 'failed'
          ? `${who}, but the operation that was to write ${describeWrite(flat, source.write)} failed`
          : `${who}, ${describeNowhere(flat, source)}`;
      },
    });
    if (findings.length >= findingsMax) break;
  }
  return findings;
}
