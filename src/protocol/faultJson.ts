import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { FaultEffectJson, FaultInputJson, FaultKind, StepRequestJson } from './faultsApi.js';
import { asArray, asInteger, asObject, asRecord, badField } from './fields.js';
import { limits } from './limits.js';
import { parseNodeName } from './names.js';

/** Which rules of a node are meant: those that match every field that is there; all of them where none is. */
export interface FaultFilter {
  readonly id?: string;
  readonly target?: NodeName;
  readonly kind?: FaultKind;
}

/** Every kind of fault, with the fields that say how it acts. */
const effectFields: Readonly<Record<FaultKind, readonly string[]>> = {
  delay: ['delay_ms', 'jitter_ms'],
  hold: [],
  drop: ['percent'],
  duplicate: ['percent'],
  reorder: ['percent'],
  partition: [],
};
const kinds = Object.keys(effectFields) as FaultKind[];

const idForm = /^[a-z0-9-]{1,64}$/;
const ruleFields = ['id', 'target', 'expires_at_ms', 'seed'];
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
    ...(kind === null ? {} : { kind: parseFaultKind(kind, 'kind') }),
  };
}

/** @throws KvcError KVC_E_BAD_REQUEST that names `field` */
export function parseFaultKind(input: unknown, field: string): FaultKind {
  const kind = kinds.find((each) => each === input);
  if (kind !== undefined) return kind;
  throw badField(field, `one of ${kinds.join(', ')}`, input);
}

/** @throws KvcError KVC_E_BAD_REQUEST that names `field` */
export function parseFaultSeed(input: unknown, field: string): number {
  return asInteger(input, field, 0, limits.faultSeedMax);
}

/**
 * What a fault does. Refuses fields that its kind does not have, but for those in `others`.
 * @param field - the path of the object; '' where the object is the body itself
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseFaultEffect(input: unknown, field: string, others: readonly string[]): FaultEffectJson {
  const name = field === '' ? 'body' : field;
  const path = (part: string) => (field === '' ? part : `${field}.${part}`);
  const kind = parseFaultKind(asRecord(input, name).kind, path('kind'));
  const fields = asObject(input, name, [...others, 'kind', ...effectFields[kind]]);
  switch (kind) {
    case 'hold':
    case 'partition':
      return { kind };
    case 'delay': {
      const delay_ms = asInteger(fields.delay_ms, path('delay_ms'), 0, limits.delayMsMax);
      return { kind, delay_ms, jitter_ms: asInteger(fields.jitter_ms, path('jitter_ms'), 0, delay_ms) };
    }
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return { kind, percent: asPercent(fields.percent, path('percent')) };
  }
}

function parseFault(input: unknown, field: string): FaultInputJson {
  const effect = parseFaultEffect(input, field, ruleFields);
  const { id, target, seed, expires_at_ms: expiresAtMs = null } = asRecord(input, field);
  return {
    ...(id === undefined ? {} : { id: parseId(id, `${field}.id`) }),
    ...(seed === undefined ? {} : { seed: parseFaultSeed(seed, `${field}.seed`) }),
    target: parseNodeName(target, `${field}.target`),
    expires_at_ms:
      expiresAtMs === null
        ? null
        : asInteger(expiresAtMs, `${field}.expires_at_ms`, 1, Number.MAX_SAFE_INTEGER),
    ...effect,
  };
}

/** A fraction is allowed; nothing that never happens. */
function asPercent(input: unknown, field: string): number {
  if (typeof input === 'number' && input > 0 && input <= 100) return input;
  throw badField(field, 'a number above 0 and at most 100', input);
}

function parseId(input: unknown, field: string): string {
  if (typeof input === 'string' && idForm.test(input)) return input;
  throw badField(field, 'an id: a to z, 0 to 9 and -, at most 64 characters', input);
}
