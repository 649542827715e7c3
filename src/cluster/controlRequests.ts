import type { NodeName } from '../core/ids.js';
import { parseFaultEffect, parseFaultKind, parseFaultSeed } from '../protocol/faultJson.js';
import { asArray, asBoolean, asInteger, asObject, asRecord, badField } from '../protocol/fields.js';
import { limits } from '../protocol/limits.js';
import { parseNodeName } from '../protocol/names.js';
import type {
  AddFaultJson,
  ClearFaultsJson,
  FaultTermsJson,
  LinkEffectJson,
  PartitionShape,
  RemoveNodeJson,
} from './controlApi.js';

/** Longest time after which a fault ends by itself: a week. */
const forMsMax = 7 * 24 * 3_600_000;
/** How long a fault lasts, and what decides. */
const termFields = ['for_ms', 'seed'];
/** Two names with a colon between them. */
const targetCharactersMax = 2 * limits.nodeNameCharactersMax + 1;

/** The body of POST /faults. Which nodes there are is checked later. @throws KvcError KVC_E_BAD_REQUEST */
export function parseAddFault(input: unknown): AddFaultJson {
  return asRecord(input, 'body').kind === 'partition' ? parseAddPartition(input) : parseAddLinkFault(input);
}

/** The body of DELETE /faults. @throws KvcError KVC_E_BAD_REQUEST */
export function parseClearFaults(input: unknown): ClearFaultsJson {
  const { kind, target, both } = asObject(input, 'body', ['kind', 'target', 'both']);
  return {
    ...(kind === undefined ? {} : { kind: parseFaultKind(kind, 'kind') }),
    ...(target === undefined ? {} : { target: asTarget(target) }),
    ...(both === undefined ? {} : { both: asBoolean(both, 'both') }),
  };
}

/** The body of POST /down. @throws KvcError KVC_E_BAD_REQUEST */
export function parseDown(input: unknown): { purge: boolean } {
  return { purge: asBoolean(asObject(input, 'body', ['purge']).purge, 'purge') };
}

/** The body of POST /nodes. @throws KvcError KVC_E_BAD_REQUEST */
export function parseAddNode(input: unknown): { name: NodeName | undefined } {
  const { name } = asObject(input, 'body', ['name']);
  return { name: name === undefined ? undefined : parseNodeName(name, 'name') };
}

/** The body of POST /nodes/NAME/remove. @throws KvcError KVC_E_BAD_REQUEST */
export function parseRemoveNode(input: unknown): RemoveNodeJson {
  const { force, timeout_ms } = asObject(input, 'body', ['force', 'timeout_ms']);
  return {
    force: asBoolean(force, 'force'),
    timeout_ms: asInteger(timeout_ms, 'timeout_ms', 1, limits.timeoutMsMax),
  };
}

/** Of a kind other than partition. */
function parseAddLinkFault(input: unknown): AddFaultJson {
  const effect = parseFaultEffect(input, '', ['target', 'both', ...termFields]);
  const { target, both } = asRecord(input, 'body');
  const terms = parseTerms(input);
  return {
    target: asTarget(target),
    both: asBoolean(both, 'both'),
    ...terms,
    ...(effect as LinkEffectJson),
  };
}

function parseAddPartition(input: unknown): AddFaultJson {
  const terms = parseTerms(input);
  const { groups, shape } = asObject(input, 'body', ['kind', 'groups', 'shape', ...termFields]);
  if (groups !== undefined && shape !== undefined) throw badField('shape', 'absent where groups are', shape);
  const partition = shape === undefined ? { groups: parseGroups(groups) } : { shape: parseShape(shape) };
  return { kind: 'partition', ...partition, ...terms };
}

function parseTerms(input: unknown): FaultTermsJson {
  const { for_ms, seed } = asRecord(input, 'body');
  return {
    for_ms: for_ms === null ? null : asInteger(for_ms, 'for_ms', 1, forMsMax),
    ...(seed === undefined ? {} : { seed: parseFaultSeed(seed, 'seed') }),
  };
}

function parseGroups(input: unknown): string[][] {
  return asArray(input, 'groups').map((group, index) => {
    const nodes = asArray(group, `groups[${index}]`);
    if (nodes.length === 0) throw badField(`groups[${index}]`, 'an array of at least one node', nodes);
    return nodes.map((node) => parseNodeName(node, `groups[${index}]`));
  });
}

function parseShape(input: unknown): PartitionShape {
  if (input === 'one' || input === 'halves' || input === 'ring') return input;
  throw badField('shape', 'one, halves or ring', input);
}

function asTarget(input: unknown): string {
  if (typeof input === 'string' && input !== '' && input.length <= targetCharactersMax) return input;
  throw badField('target', 'NODE, SOURCE:TARGET or all', input);
}
