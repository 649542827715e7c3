import { asInteger, asObject } from './fields.js';
import { nodeLimitKinds, type NodeLimits } from './nodeLimits.js';

export type NodeLimitName = keyof NodeLimits;

export const nodeLimitNames = Object.keys(nodeLimitKinds) as readonly NodeLimitName[];

/** Limits of a node by name, some of them or all. @throws KvcError KVC_E_BAD_REQUEST */
export function parseNodeLimits(input: unknown, field: string): Partial<NodeLimits> {
  const fields = asObject(input, field, nodeLimitNames);
  const given = nodeLimitNames.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => {
      const { min, max } = nodeLimitKinds[name];
      return [name, asInteger(fields[name], `${field}.${name}`, min, max)];
    }),
  );
}

/** Those limits that differ from the defaults. */
export function changedLimits(limits: Partial<NodeLimits>): Partial<NodeLimits> {
  return Object.fromEntries(
    Object.entries(limits).filter(([name, value]) => value !== nodeLimitKinds[name as NodeLimitName].default),
  );
}
