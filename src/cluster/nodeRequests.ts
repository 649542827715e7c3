import type { NodeName } from '../core/ids.js';
import { asInteger, asObject } from '../protocol/fields.js';
import { limits } from '../protocol/limits.js';
import { parseNodeName } from '../protocol/names.js';
import type { RemoveNodeJson } from './controlApi.js';
import { asBoolean } from './controlRequests.js';

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
