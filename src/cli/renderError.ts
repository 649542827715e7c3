import type { KvcError } from '../errors.js';

/** The one JSON document that a failed command prints with `--json`. */
export function errorDocument(error: KvcError): { error: Record<string, unknown> } {
  return { error: { ...error.facts, code: error.code, message: error.message } };
}

/** What a failed command says on stderr: what happened, its code, and what to do. The stack is for `DEBUG=kvc`. */
export function errorText(error: KvcError): string {
  const lines = [`Error: ${error.message}`, codeLine(error)];
  if (wantsStack()) lines.push(stackOf(error));
  return lines.join('\n') + '\n';
}

function codeLine(error: KvcError): string {
  const remedies = error.facts.try;
  const code = `Code: ${error.code} (exit ${error.kind.exitCode})`;
  return Array.isArray(remedies) && remedies.length > 0 ? `${code}   Try: ${remedies.join(' · ')}` : code;
}

function stackOf(error: KvcError): string {
  const cause =
    error.cause instanceof Error ? `\nCaused by: ${error.cause.stack ?? error.cause.message}` : '';
  return (error.stack ?? '') + cause;
}

function wantsStack(): boolean {
  return (process.env.DEBUG ?? '')
    .split(',')
    .some((part) => ['*', 'kvc', 'oclif'].includes(part.split(':')[0] ?? ''));
}
