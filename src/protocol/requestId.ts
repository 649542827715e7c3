import { createHash } from 'node:crypto';
import type { Operation, RequestId } from '../core/update.js';
import { KvcError } from '../errors.js';
import type { ClientOperation } from './clientOperation.js';
import { badField } from './fields.js';
import { encodeOperation } from './operationJson.js';
import { requestIdHeader } from './requestIdHeader.js';

const clientForm = /^[0-9]{13}-[A-Za-z0-9_-]{1,64}$/;
const form = /^[0-9]{13}-[A-Za-z0-9_-]{1,64}\.[0-9a-f]{16}$/;

export function isRequestId(input: unknown): input is RequestId {
  return typeof input === 'string' && form.test(input);
}

/**
 * The id of a write: the client's name for it, and a checksum of what it writes. So a name that is given to two different
 * writes by mistake does not make one of them vanish.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function requestIdOf(name: string, operations: readonly (Operation | ClientOperation)[]): RequestId {
  if (!clientForm.test(name)) {
    throw new KvcError(
      'KVC_E_BAD_REQUEST',
      `${requestIdHeader} must be the time in ms since 1970 (13 digits), a - and 1 to 64 of A-Z, a-z, 0-9, _ and -`,
      { header: requestIdHeader },
    );
  }
  const content = JSON.stringify(operations.map(encodeOperation));
  return `${name}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseRequestOfUpdate(input: unknown, field: string): RequestId | undefined {
  if (input === undefined || isRequestId(input)) return input;
  throw badField(field, 'a request id with the checksum of its content', input);
}
