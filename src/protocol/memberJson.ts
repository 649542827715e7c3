import type { MemberChange } from '../core/update.js';
import { KvcError } from '../errors.js';
import { asArray, asInteger, asObject, asRecord, badField } from './fields.js';
import { limits } from './limits.js';
import { parseReplicaId } from './names.js';

/** Printable ASCII without spaces, such as `127.0.0.1:7104`. */
const addressPattern = /^[\x21-\x7e]*$/;

/** Where a node listens, as members tell each other; empty where nobody needs to be told. */
export function isAddress(input: unknown): input is string {
  return (
    typeof input === 'string' && input.length <= limits.addressCharactersMax && addressPattern.test(input)
  );
}

/**
 * The changes of membership of an update; none where the field is absent.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_MESSAGE_TOO_LARGE
 */
export function parseMemberChanges(input: unknown, field: string): MemberChange[] {
  if (input === undefined) return [];
  const items = asArray(input, field);
  if (items.length > limits.memberChangesMax) {
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `${field} has ${items.length} changes; at most ${limits.memberChangesMax} are allowed in one update`,
      { field, limit: limits.memberChangesMax },
    );
  }
  return items.map((item, index) => parseMemberChange(item, `${field}[${index}]`));
}

function parseMemberChange(input: unknown, field: string): MemberChange {
  const { kind } = asRecord(input, field);
  if (kind === 'join') {
    const fields = asObject(input, field, ['kind', 'replica', 'address']);
    const replica = parseReplicaId(fields.replica, `${field}.replica`);
    return { kind, replica, address: parseAddress(fields.address, `${field}.address`) };
  }
  if (kind === 'leave') {
    const fields = asObject(input, field, ['kind', 'replica']);
    return { kind, replica: parseReplicaId(fields.replica, `${field}.replica`) };
  }
  if (kind !== 'close') throw badField(`${field}.kind`, '"join", "leave" or "close"', kind);
  const fields = asObject(input, field, ['kind', 'replica', 'counter']);
  const replica = parseReplicaId(fields.replica, `${field}.replica`);
  const counter = asInteger(fields.counter, `${field}.counter`, 0, Number.MAX_SAFE_INTEGER);
  return { kind, replica, counter };
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseAddress(input: unknown, field: string): string {
  if (isAddress(input)) return input;
  throw badField(field, `an address of at most ${limits.addressCharactersMax} printable characters`, input);
}
