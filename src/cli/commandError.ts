import { KvcError, messageOf } from '../errors.js';

/** Makes a KvcError of whatever a command threw: a usage error of oclif's, or else a defect. */
export function commandError(thrown: unknown, command: string | undefined): KvcError {
  if (thrown instanceof KvcError) return tidy(thrown);
  const help = ['kvc', ...(command?.split(':') ?? []), '--help'].join(' ');
  if (isUsageError(thrown)) return new KvcError('KVC_E_USAGE', usageMessage(thrown), { try: [help] });
  return new KvcError('KVC_E_INTERNAL', `a defect in kvc: ${messageOf(thrown)}`, {}, { cause: thrown });
}

/** oclif marks what its parser refuses; its own exit status for that is 2 already. */
function isUsageError(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false;
  const { parse, oclif } = thrown as { parse?: unknown; oclif?: { exit?: unknown } };
  return parse !== undefined || oclif?.exit === 2;
}

/** A KvcError from the parse function of a flag comes back with oclif's words around its message. */
function tidy(error: KvcError): KvcError {
  const message = usageMessage(error);
  if (message === error.message) return error;
  const code = error.code === 'KVC_E_BAD_REQUEST' ? 'KVC_E_USAGE' : error.code;
  return new KvcError(code, message, error.facts, { cause: error });
}

/** Without oclif's frame: "Parsing --x \n\t...\nSee more help with --help". */
function usageMessage(error: Error): string {
  return error.message
    .replace(/\nSee more help with --help$/, '')
    .replace(/^Parsing (--\S+) \n\t/, '$1: ')
    .trim();
}
