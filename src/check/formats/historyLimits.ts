/** Limits of what is read as a history; all maxima are inclusive. They bound the memory that a file can take. */
export const historyLimits = {
  /** Of one line of an NDJSON history. */
  lineCharactersMax: 4 * 1024 * 1024,
  /** Of a whole NDJSON or Plume history. */
  charactersMax: 1024 * 1024 * 1024,
  /** Of a whole Elle history, which may stand in one line and is read as one text. */
  elleCharactersMax: 256 * 1024 * 1024,
  operationsMax: 1_000_000,
  /** Accesses of one transaction. */
  accessesMax: 16_384,
  /** Versions that one read returned. */
  siblingsMax: 1024,
  /** Of a key, and of the name of a session, write or replica. */
  nameCharactersMax: 4096,
  /** Maps and lists within each other in EDN. */
  nestingMax: 64,
} as const;
