import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { HistoryFormat } from '../check/formats/historyReader.js';
import type { History } from '../check/history.js';
import type { Report, Verdict } from '../check/report.js';
import { BaseCommand } from '../cli/baseCommand.js';
import type { ExportFormat } from '../cli/exportHistory.js';
import { errorKinds } from '../errors.js';
import type { ReportDocument } from '../view/check/reportDocument.js';

interface CheckFlags {
  readonly format: HistoryFormat | undefined;
  readonly svg: string | undefined;
  readonly export: string | undefined;
  readonly 'export-format': ExportFormat | undefined;
}

const exitCodes: Readonly<Record<Verdict, number>> = {
  consistent: 0,
  violation: errorKinds.KVC_E_ANOMALY.exitCode,
  unknown: errorKinds.KVC_E_VERDICT_UNKNOWN.exitCode,
};

export default class Check extends BaseCommand {
  static override summary = 'Judge a history of operations, of kvc or of any other store.';
  static override description = [
    'Reads what clients did and saw, and says which levels of causal consistency that is consistent with; a violation ' +
      'comes with its pattern and the few operations that prove it. Exit 0 consistent, 10 violation, 11 unknown. The ' +
      'formats, the levels and how to record a history are explained in docs/checking.md.',
    'ndjson  One operation a line, of kvc.',
    'elle    rw-register histories of Jepsen, EDN or JSON.',
    "plume   Plume's text, which AWDIT and PolySI read too.",
    '--json: {file, format, notes, verdict, levels: [{level, verdict, isClaimed, reason, anomaly: {pattern, explanation, ' +
      'witness: {operations, edges, lines}}}], coverage}.',
  ].join('\n');
  static override usage =
    'check FILE|- [--format FORMAT] [--svg OUT] [--export OUT [--export-format FORMAT]]';
  static override examples = [
    '<%= config.bin %> check history.ndjson',
    '<%= config.bin %> check jepsen/history.edn --svg proof.svg',
    '<%= config.bin %> check history.ndjson --export history.txt --export-format plume',
  ];
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'The history; - for standard input.',
    }),
  };
  static override flags = {
    format: Flags.option({
      options: ['ndjson', 'elle', 'plume'] as const,
      summary: 'Format of the history; recognised by its content otherwise.',
    })(),
    svg: Flags.string({ summary: 'Draw the proof of a violation into this file.', helpValue: 'OUT' }),
    export: Flags.string({ summary: 'Write the history into this file.', helpValue: 'OUT' }),
    'export-format': Flags.option({
      options: ['ndjson', 'plume'] as const,
      dependsOn: ['export'],
      summary: 'Format of --export; ndjson if it is not said.',
    })(),
  };

  async run(): Promise<ReportDocument> {
    const { args, flags } = await this.parse(Check);
    const { file } = args;
    const { checkOutputs } = await import('../cli/checkOutputs.js');
    const outputs = [['--export', flags.export] as const, ['--svg', flags.svg] as const];
    await checkOutputs(outputs, file);
    const { openHistory } = await import('../cli/openHistory.js');
    const { history, format, notes } = await openHistory(file, flags.format);
    for (const note of notes) this.logToStderr(`Note: ${note}`);
    const exportNotes = await this.#export(history, flags);
    const { checkHistory } = await import('../check/checkHistory.js');
    const report = checkHistory(history);
    await this.#print(report, file);
    await this.#draw(report, flags);
    process.exitCode = exitCodes[report.verdict];
    const { reportDocument } = await import('../view/check/reportDocument.js');
    return reportDocument(report, { file, format, notes: [...notes, ...exportNotes] });
  }

  async #export(history: History, flags: CheckFlags): Promise<readonly string[]> {
    if (flags.export === undefined) return [];
    const { exportHistory } = await import('../cli/exportHistory.js');
    const left = await exportHistory(history, flags['export-format'] ?? 'ndjson', flags.export);
    const notes = left.map((note) => `in ${flags.export ?? ''}, ${note}`);
    for (const note of notes) this.logToStderr(`Note: ${note}`);
    return notes;
  }

  async #print(report: Report, file: string): Promise<void> {
    const { reportText } = await import('../view/check/reportText.js');
    const { paintFor } = await import('../view/style.js');
    this.log(
      reportText(report, file === '-' ? 'standard input' : file, paintFor(process.stdout, process.env)),
    );
  }

  /** Draws the first violation, of what is claimed if there is one. */
  async #draw(report: Report, { svg }: CheckFlags): Promise<void> {
    if (svg === undefined) return;
    const { violationsOf } = await import('../view/check/violations.js');
    const [violation] = violationsOf(report);
    if (violation === undefined) {
      this.logToStderr(`Note: no violation, so ${svg} was not written`);
      return;
    }
    const { witnessSvg } = await import('../view/check/witnessSvg.js');
    const { writeTextFile } = await import('../cli/writeTextFile.js');
    await writeTextFile('--svg', svg, [witnessSvg(violation)]);
  }
}
