import { KvcError } from '../errors.js';
import { isName } from '../protocol/names.js';

/** The name of a node that is to be: `node4`, or `4` for short. @throws KvcError KVC_E_USAGE */
export function newNodeName(text: string): string {
  const name = /^[1-9][0-9]*$/.test(text) ? `node${text}` : text;
  if (isName(name)) return name;
  throw new KvcError(
    'KVC_E_USAGE',
    `${JSON.stringify(text.slice(0, 60))} is no name for a node: a to z, 0 to 9 and -, a letter first, at most 32 characters`,
  );
}
