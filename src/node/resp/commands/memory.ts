import { contentsOf, isLive } from '../../../core/contents.js';
import { bytesOfKey, keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import { RespError, syntaxError, wrongArity } from '../../../protocol/resp/respError.js';
import { integerOf, nameOf } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import { bytesOf } from '../keyView.js';
import type { Read } from '../plans.js';
import { integer, nil } from '../replies.js';

export const memoryCommands: readonly Command[] = [
  {
    kind: 'read',
    name: 'memory',
    arity: -2,
    keys: [2, 2, 1],
    summary: 'MEMORY USAGE key: bytes of the key and of all that it holds',
    parse: parseMemory,
  },
];

function parseMemory([word, keyWord, ...options]: Args): Read {
  const subcommand = nameOf(word);
  if (subcommand !== 'usage') throw new RespError(`unknown subcommand '${subcommand}'. kvc knows USAGE`);
  if (keyWord === undefined) throw wrongArity('memory|usage');
  requireSamples(options);
  const key = keyOfBytes(keyWord);
  return {
    keys: [key],
    read: (view) => {
      const contents = contentsOf(view.versions(key));
      if (!isLive(contents[0])) return nil;
      return integer(contents.reduce((sum, each) => sum + bytesOf(each), bytesOfKey(key).length));
    },
  };
}

/** Redis looks at so many members of a set only; here all are counted, however many are asked for. */
function requireSamples([option, count, ...more]: Args): void {
  if (option === undefined) return;
  if (nameOf(option) !== 'samples' || more.length > 0 || integerOf(count) < 0) throw syntaxError();
}
