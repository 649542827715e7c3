import { KvcError } from '../errors.js';

/*
 * Checks of single fields of decoded JSON. Each takes the field's path, such as `updates[3].dot.counter`, and fails with
 * a KVC_E_BAD_REQUEST that names it, what it must be, and what it received.
 */

/** An object all of whose fields are in `allowed`: a misspelled field must not be ignored in silence. */
export function asObject(
  input: unknown,
  field: string,
  allowed: readonly string[],
): Readonly<Record<string, unknown>> {
  const fields = asRecord(input, field);
  const unknown = Object.keys(fields).find((name) => !allowed.includes(name));
  if (unknown === undefined) return fields;
  throw new KvcError(
    'KVC_E_BAD_REQUEST',
    `${field} has an unknown field ${quote(unknown)}; it may have ${allowed.join(', ')}`,
    { field },
  );
}

/** An object with any fields. */
export function asRecord(input: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw badField(field, 'an object', input);
  }
  return input as Record<string, unknown>;
}

export function asArray(input: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(input)) throw badField(field, 'an array', input);
  return input;
}

export function asBoolean(input: unknown, field: string): boolean {
  if (typeof input === 'boolean') return input;
  throw badField(field, 'true or false', input);
}

/** An integer from `min` to `max`, both included. */
export function asInteger(input: unknown, field: string, min: number, max: number): number {
  if (Number.isSafeInteger(input) && (input as number) >= min && (input as number) <= max) {
    return input as number;
  }
  throw badField(field, `an integer from ${min} to ${max}`, input);
}

/** The error for a field that is not what it must be. */
export function badField(field: string, expected: string, received: unknown): KvcError {
  return new KvcError(
    'KVC_E_BAD_REQUEST',
    `${field} must be ${expected}, received ${describeReceived(received)}`,
    { field },
  );
}

/** What was received, in a few words whatever its size or depth. */
export function describeReceived(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input === 'string') return quote(input);
  if (Array.isArray(input)) return `an array of ${input.length}`;
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  return input === null ? 'null' : 'an object';
}

const quotedCharactersMax = 60;

function quote(text: string): string {
  if (text.length <= quotedCharactersMax) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, quotedCharactersMax))}... (${text.length} characters)`;
}
