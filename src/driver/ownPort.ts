import { KvcError } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';

/** Where the node that the configuration is for listens. */
export function ownPort({ members, self }: NodeConfig): number {
  const port = members.find(({ name }) => name === self)?.port;
  if (port === undefined) throw new KvcError('KVC_E_INTERNAL', `${self} is not among its own members`);
  return port;
}

/** The same, as its peers are told. */
export function ownAddress(config: NodeConfig): string {
  return `127.0.0.1:${ownPort(config)}`;
}
