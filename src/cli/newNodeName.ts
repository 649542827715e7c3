import { fullName } from '../cluster/nodeNames.js';
import { KvcError } from '../errors.js';
import { isName, nameRule } from '../protocol/names.js';

/** The name of a node that is to be: `node4`, or `4` for short. @throws KvcError KVC_E_USAGE */
export function newNodeName(text: string): string {
  const name = fullName(text);
  if (isName(name)) return name;
  const given = JSON.stringify(text.slice(0, 60));
  throw new KvcError('KVC_E_USAGE', `${given} is no name for a node: ${nameRule}`);
}
