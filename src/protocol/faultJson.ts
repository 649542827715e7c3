import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { FaultEffectJson, FaultInputJson, FaultKind, StepRequestJson } from './api.js';
import { asArray, asInteger, asObject, asRecord, badField } from './fields.js';
import { limits } from './limits.js';
import { parseNodeName } from './names.js';

/** Which rules of a node are meant: those that match every field that is there; all of them where none is. */
export interface FaultFilter {
  readonly id?: string;
  readonly target?: NodeName;
  readonly kind?: FaultKind;
}

const idForm = /^[a-z0-9-]{1,64}$/;
const commonFields = ['id', 'target', 'expires_at_ms', 'kind'];
/** More steps than this at once is a release. */
const stepCountMax = 1_000_000;

/**
 * The body of POST /faults: 1 to `faultRulesMax` rules.
 * @throws KvcError KVC_E_BAD_REQUEST or KVC_E_MESSAGE_TOO_LARGE
 */
export function parseFaultsRequest(input: unknown): FaultInputJson[] {
  const faults = asArray(asObject(input, 'body', ['faults']).faults, 'faults');
  if (faults.length === 0) throw badField('faults', 'an array of at least one rule', faults);
  if (faults.length > limits.faultRulesMax) {
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `faults has ${faults.length} rules; at most ${limits.faultRulesMax} are allowed`,
      { field: 'faults', limit: limits.faultRulesMax },
    );
  }
  return faults.map((fault, index) => parseFault(fault, `faults[${index}]`));
}

/**
 * The body of POST /faults/step; `count` is 1 unless given.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseStepRequest(input: unknown): Required<StepRequestJson> {
  const { target, count = 1 } = asObject(input, 'body', ['target', 'count']);
  return { target: parseNodeName(target, 'target'), count: asInteger(count, 'count', 1, stepCountMax) };
}

/**
 * The query of DELETE /faults: `id`, `target`, `kind`, each optional.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseFaultFilter(query: URLSearchParams): FaultFilter {
  const id = query.get('id');
  const target = query.get('target');
  const kind = query.get('kind');
  return {
    ...(id === null ? {} : { id: parseId(id, 'id') }),
    ...(target === null ? {} : { target: parseNodeName(target, 'target') }),
    ...(kind === null ? {} : { kind: parseKind(kind) }),
  };
}

function parseKind(kind: string): FaultKind {
  if (kind === 'delay' || kind === 'hold') return kind;
  throw badField('kind', '"delay" or "hold"', kind);
}

function parseFault(input: unknown, field: string): FaultInputJson {
  const effect = parseEffect(input, field);
  const { id, target, expires_at_ms: expiresAtMs = null } = asRecord(input, field);
  return {
    ...(id === undefined ? {} : { id: parseId(id, `${field}.id`) }),
    target: parseNodeName(target, `${field}.target`),
    expires_at_ms:
      expiresAtMs === null
        ? null
        : asInteger(expiresAtMs, `${field}.expires_at_ms`, 1, Number.MAX_SAFE_INTEGER),
    ...effect,
  };
}

/** What the rule does; refuses fields that its kind does not have. */
function parseEffect(input: unknown, field: string): FaultEffectJson {
  const { kind } = asRecord(input, field);
  switch (kind) {
    case 'hold':
      asObject(input, field, commonFields);
      return { kind };
    case 'delay':
      return parseDelay(input, field);
    default:
      throw badField(`${field}.kind`, '"delay" or "hold"', kind);
  }
}

function parseDelay(input: unknown, field: string): FaultEffectJson {
  const fields = asObject(input, field, [...commonFields, 'delay_ms', 'jitter_ms']);
  const delayMs = asInteger(fields.delay_ms, `${field}.delay_ms`, 0, limits.delayMsMax);
  const jitterMs = asInteger(fields.jitter_ms, `${field}.jitter_ms`, 0, delayMs);
  return { kind: 'delay', delay_ms: delayMs, jitter_ms: jitterMs };
}

function parseId(input: unknown, field: string): string {
  if (typeof input === 'string' && idForm.test(input)) return input;
  throw badField(field, 'an id: a to z, 0 to 9 and -, at most 64 characters', input);
}
