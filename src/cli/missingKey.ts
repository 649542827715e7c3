import { KvcError } from '../errors.js';
import type { ReadResponseJson } from '../protocol/api.js';
import { countText, readCommand } from '../view/entryText.js';
import { formatDotJson } from '../view/formatClock.js';

/** What a read of one key fails with when the node has no value to return for it. The session has been kept. */
export function missingKey(result: ReadResponseJson & { readonly node: string }): KvcError {
  const { node, key, dot, siblings } = result;
  const name = JSON.stringify(key);
  const remedies =
    siblings.length > 0 ? [readCommand(key, '--siblings')] : [readCommand(key, '--all-nodes'), 'kvc inspect'];
  const message =
    dot === null
      ? `${node} has no value for ${name}`
      : `${name} was deleted or has expired at ${node}, by ${formatDotJson(dot)}` +
        (siblings.length > 0 ? `, concurrently with ${countText(siblings.length)}` : '');
  return new KvcError('KVC_E_KEY_NOT_FOUND', message, { ...result, try: remedies });
}
