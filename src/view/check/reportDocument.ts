import type { HistoryFormat } from '../../check/formats/historyReader.js';
import { lineOfOperation } from '../../check/formats/operationLine.js';
import type { HistoryLine } from '../../check/historyLine.js';
import type { Anomaly, LevelVerdict, Report, Witness } from '../../check/report.js';

/** A report as JSON. */
export type ReportDocument = Omit<Report, 'levels'> & {
  readonly file: string;
  readonly format: HistoryFormat;
  /** What of the file is not in the history, and what of the history could not be exported. */
  readonly notes: readonly string[];
  readonly levels: readonly (Omit<LevelVerdict, 'anomaly'> & { readonly anomaly?: AnomalyDocument })[];
};

type AnomalyDocument = Omit<Anomaly, 'witness'> & {
  readonly witness: Witness & {
    /** The operations as lines of an NDJSON history. */
    readonly lines: readonly HistoryLine[];
  };
};

export function reportDocument(
  { verdict, levels, coverage }: Report,
  source: Pick<ReportDocument, 'file' | 'format' | 'notes'>,
): ReportDocument {
  return {
    ...source,
    verdict,
    levels: levels.map(({ anomaly, ...rest }) => ({
      ...rest,
      ...(anomaly && { anomaly: anomalyDocument(anomaly) }),
    })),
    coverage,
  };
}

function anomalyDocument({ witness, ...rest }: Anomaly): AnomalyDocument {
  return { ...rest, witness: { ...witness, lines: witness.operations.map(lineOfOperation) } };
}
