import { isErrorCode, KvcError } from '../errors.js';
import type { ErrorJson } from './api.js';

/** The body of an answer that reports a failure. No fact can take the place of the code or the message. */
export function encodeError(error: KvcError): ErrorJson {
  const { code, message } = error;
  return { error: Object.assign({ code, message }, error.facts, { code, message }) };
}

/**
 * The error that the body of an answer reports. A body that reports none in a form known here is a KVC_E_INTERNAL with
 * the HTTP status, and the message if there is one.
 */
export function errorOfBody(body: unknown, httpStatus: number): KvcError {
  const { code, message, ...facts } = fieldsOf(fieldsOf(body).error);
  const text = typeof message === 'string' ? message : undefined;
  if (isErrorCode(code) && text !== undefined) return new KvcError(code, text, facts);
  return new KvcError(
    'KVC_E_INTERNAL',
    `the answer has HTTP status ${httpStatus} and no error that this version of kvc knows` +
      (text === undefined ? '' : `; it says: ${text}`),
    { http_status: httpStatus },
  );
}

/** The error that the text of an answer reports: a proxy or a stranger on the port may answer in anything. */
export function errorOfText(text: string, httpStatus: number): KvcError {
  return errorOfBody(jsonOrNothing(text), httpStatus);
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
}
