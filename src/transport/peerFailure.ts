import type { NodeName } from '../core/ids.js';
import { asKvcError, KvcError } from '../errors.js';
import { encodeError, errorOfBody } from '../protocol/errorJson.js';
import { parseJson } from '../protocol/json.js';

/** A peer's refusal after it has passed through its encoded form. */
export function asSeenByTheSender(error: unknown): KvcError {
  const refusal = asKvcError(error);
  return errorOfBody(parseJson(JSON.stringify(encodeError(refusal))), refusal.kind.httpStatus);
}

export function unreachable(peer: NodeName, problem: string): KvcError {
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${peer} ${problem}`, { node: peer });
}
