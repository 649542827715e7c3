import * as Flags from '@oclif/core/flags';
import { limits } from '../protocol/limits.js';
import { parseNodeName } from '../protocol/names.js';
import { decodeToken } from '../protocol/sessionToken.js';
import { parseDuration } from '../notation/parseDuration.js';

/** The flags of every command that reads or writes keys, parsed. */
export interface DataFlags {
  readonly cluster: string;
  readonly node?: string | undefined;
  readonly session?: string | undefined;
  readonly token?: string | undefined;
  readonly timeout: number;
}

export const sessionFlag = Flags.custom({
  summary: 'Session to go on with, kept with the cluster; its first use starts it.',
  helpValue: 'NAME',
  exclusive: ['token'],
  parse: (input) => Promise.resolve(parseNodeName(input, 'a session name')),
});

/** A session token, or "new". */
export const tokenFlag = Flags.custom({
  helpValue: 'TOKEN',
  parse: (input) => {
    if (input !== 'new') decodeToken(input);
    return Promise.resolve(input);
  },
});

const timeout = Flags.custom<number>({
  summary: 'How long the node may wait for what the session has seen.',
  helpValue: 'DURATION',
  defaultHelp: () => Promise.resolve('5s'),
  default: limits.timeoutMsDefault,
  parse: (input) => Promise.resolve(parseDuration(input, limits.timeoutMsMax)),
});

export const nodeFlag = Flags.custom({
  summary: 'Node to ask: node1, or 1 for short. Default: the first that runs.',
  helpValue: 'NODE',
});

export const dataFlags = {
  node: nodeFlag(),
  session: sessionFlag(),
  token: tokenFlag({
    summary: 'Session token to go on with, or "new" for one that has seen nothing; the new token is printed.',
  }),
  timeout: timeout(),
};
