/** What `GET /replicate` is upgraded to: frames, messages one way and their answers in the same order the other way. */
export const linkProtocol = 'kvc-link/1';

/** Whether the header `upgrade` of a request, a list, asks for it. */
export function asksForLink(upgrade: string | undefined): boolean {
  return upgrade?.split(',').some((protocol) => protocol.trim().toLowerCase() === linkProtocol) ?? false;
}
