import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../src/node/resp/commandTable.js';

/** What the tables of commands show in their first column, as in "`SET key value [NX \| XX]` ¹". */
const shown = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, words, mark] = /^\| `([A-Z.]+(?: [^`]*)?)`( ¹)? \|/.exec(line) ?? [];
    return words === undefined ? [] : [{ words, isMarked: mark !== undefined }];
  })
  .filter(({ words }) => !/^(ERR|WRONGTYPE|EXECABORT|NOPROTO|WRONGPASS|LOADING)$/.test(words))
  .map((row) => ({ ...row, name: row.words.split(' ')[0]!.toLowerCase() }));

/** As COMMAND tells it: negative if there may be more words. */
function arityOf(words: string): number {
  let required = words;
  while (required.includes('[')) required = required.replace(/ ?\[[^[\]]*\]/g, '');
  const count = required.split(' ').length;
  return required === words ? count : -count;
}

describe('the documentation of the Redis protocol', () => {
  it('has every command, once, and no other', () => {
    expect(shown.map(({ name }) => name).sort()).toEqual([...commandTable.keys()].sort());
  });

  it.each(shown)('says how many words $name takes, and whether it is part of a transaction', (row) => {
    const command = commandTable.get(row.name)!;
    // Nobody gives it words.
    if (row.name !== 'quit') expect(arityOf(row.words)).toBe(command.arity);
    const isPart = command.kind !== 'connection' || (command.inTransaction ?? 'queued') === 'queued';
    expect(row.isMarked).toBe(!isPart);
  });
});
