import { asKvcError, type KvcError } from '../../errors.js';

/** An error as the Redis protocol tells it: `-CODE message`. */
export class RespError extends Error {
  readonly code: string;

  constructor(message: string, code = 'ERR') {
    super(message);
    this.name = 'RespError';
    this.code = code;
  }
}

export function syntaxError(): RespError {
  return new RespError('syntax error');
}

export function wrongArity(command: string): RespError {
  return new RespError(`wrong number of arguments for '${command}' command`);
}

export function notInteger(): RespError {
  return new RespError('value is not an integer or out of range');
}

export function wrongType(): RespError {
  return new RespError('Operation against a key holding the wrong kind of value', 'WRONGTYPE');
}

/** What clients of Redis know is told in its words; all else with the code of kvc in front. */
export function respErrorOf(error: unknown): RespError {
  if (error instanceof RespError) return error;
  const known = asKvcError(error);
  if (known.code === 'KVC_E_TYPE_MISMATCH') return wrongType();
  if (known.code === 'KVC_E_COUNTER_RANGE') return new RespError('increment or decrement would overflow');
  // Clients wait and try again when they are told that a server is loading.
  if (known.code === 'KVC_E_NOT_READY') return new RespError(`${known.code} ${known.message}`, 'LOADING');
  return new RespError(textOf(known), known.code);
}

function textOf({ message, definite }: KvcError): string {
  return definite ? message : `${message} (it may have happened)`;
}
