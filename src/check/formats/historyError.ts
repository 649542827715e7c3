import { KvcError, type ErrorFacts } from '../../errors.js';

/** The error for a line of a history that cannot be taken. The problem says what is wrong and what to write instead. */
export function historyError(line: number, problem: string, facts: ErrorFacts = {}): KvcError {
  return new KvcError('KVC_E_HISTORY_INVALID', `line ${line}: ${problem}`, { line, ...facts });
}

const quotedCharactersMax = 60;

/** A text from a history, short enough for a message and with its control characters escaped. */
export function quote(text: string): string {
  if (text.length <= quotedCharactersMax) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, quotedCharactersMax))}... (${text.length} characters)`;
}
