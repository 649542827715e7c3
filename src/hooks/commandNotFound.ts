import type { Hook } from '@oclif/core/hooks';
import { errorDocument, errorText } from '../cli/renderError.js';
import { unknownCommand } from '../cli/unknownCommand.js';

/** Someone typed a command that there is not: names the nearest one and exits with the status of a usage error. */
const commandNotFound: Hook.CommandNotFound = function ({ id, argv, config }) {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  const error = unknownCommand(id, known);
  if (argv?.includes('--json') === true)
    process.stdout.write(JSON.stringify(errorDocument(error), null, 2) + '\n');
  else process.stderr.write(errorText(error));
  process.exit(error.kind.exitCode);
};

export default commandNotFound;
