import type { FaultEffectJson } from '../protocol/api.js';
import { asInteger, asObject, asRecord, badField } from '../protocol/fields.js';
import { limits } from '../protocol/limits.js';
import type { AddFaultJson, ClearFaultsJson } from './controlApi.js';

/** Longest time after which a fault ends by itself: a week. */
const forMsMax = 7 * 24 * 3_600_000;
/** Two names with a colon between them. */
const targetCharactersMax = 2 * limits.nodeNameCharactersMax + 1;

/** The body of POST /faults. Which nodes there are is checked later. @throws KvcError KVC_E_BAD_REQUEST */
export function parseAddFault(input: unknown): AddFaultJson {
  const effect = parseEffect(input);
  const { target, both, for_ms } = asRecord(input, 'body');
  return {
    target: asTarget(target),
    both: asBoolean(both, 'both'),
    for_ms: for_ms === null ? null : asInteger(for_ms, 'for_ms', 1, forMsMax),
    ...effect,
  };
}

/** The body of DELETE /faults. @throws KvcError KVC_E_BAD_REQUEST */
export function parseClearFaults(input: unknown): ClearFaultsJson {
  const { kind, target, both } = asObject(input, 'body', ['kind', 'target', 'both']);
  return {
    ...(kind === undefined ? {} : { kind: asKind(kind) }),
    ...(target === undefined ? {} : { target: asTarget(target) }),
    ...(both === undefined ? {} : { both: asBoolean(both, 'both') }),
  };
}

/** The body of POST /down. @throws KvcError KVC_E_BAD_REQUEST */
export function parseDown(input: unknown): { purge: boolean } {
  return { purge: asBoolean(asObject(input, 'body', ['purge']).purge, 'purge') };
}

function parseEffect(input: unknown): FaultEffectJson {
  const common = ['target', 'both', 'for_ms', 'kind'];
  const kind = asKind(asRecord(input, 'body').kind);
  if (kind === 'hold') {
    asObject(input, 'body', common);
    return { kind };
  }
  const fields = asObject(input, 'body', [...common, 'delay_ms', 'jitter_ms']);
  const delay_ms = asInteger(fields.delay_ms, 'delay_ms', 0, limits.delayMsMax);
  return { kind, delay_ms, jitter_ms: asInteger(fields.jitter_ms, 'jitter_ms', 0, delay_ms) };
}

function asKind(input: unknown): FaultEffectJson['kind'] {
  if (input === 'delay' || input === 'hold') return input;
  throw badField('kind', '"delay" or "hold"', input);
}

function asTarget(input: unknown): string {
  if (typeof input === 'string' && input !== '' && input.length <= targetCharactersMax) return input;
  throw badField('target', 'NODE, SOURCE:TARGET or all', input);
}

export function asBoolean(input: unknown, field: string): boolean {
  if (typeof input === 'boolean') return input;
  throw badField(field, 'true or false', input);
}
