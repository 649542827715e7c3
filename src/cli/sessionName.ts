import * as Args from '@oclif/core/args';
import { parseNodeName } from '../protocol/names.js';

/** The name of a session as an argument; it follows the rule for names of nodes, for it names a file. */
export const sessionName = Args.custom({
  required: true,
  ignoreStdin: true,
  description: 'Name of the session.',
  parse: (input) => Promise.resolve(parseNodeName(input, 'a session name') as string),
});
