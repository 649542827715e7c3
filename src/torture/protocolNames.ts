/** How clients reach the nodes. */
export const protocolNames = ['http', 'resp'] as const;

export type ProtocolName = (typeof protocolNames)[number];
