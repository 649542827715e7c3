/** The header in which a client names a write, so that it may be sent again, here or to another node, and happen once. */
export const requestIdHeader = 'kvc-request-id';
