import { keptCopy } from '../../core/bytes.js';
import { payloadOf, type Operation } from '../../core/update.js';
import { limits } from '../../protocol/limits.js';
import { requireValueSize } from '../../protocol/valueJson.js';
import { notInteger, RespError } from '../../protocol/resp/respError.js';

/** The words of a request, without the command's own name. */
export type Args = readonly Buffer[];

const integerForm = /^(0|-?[1-9][0-9]{0,15})$/;

/** @throws RespError if it is no integer that a double holds exactly */
export function integerOf(word: Buffer | undefined): number {
  const text = word?.toString('latin1') ?? '';
  const value = Number(text);
  if (!integerForm.test(text) || !Number.isSafeInteger(value)) throw notInteger();
  return value;
}

/** No name is as long. */
const nameBytesMax = 128;

/** A word that names something, in lower case; only the beginning of one that is too long for a name, as errors tell it. */
export function nameOf(word: Buffer | undefined): string {
  const short = word?.length === 3 ? shortNames.get(codeOf(word)) : undefined;
  return short ?? (word?.toString('latin1', 0, nameBytesMax) ?? '').toLowerCase();
}

/** Three letters as a number, the same for small and capital ones. */
function codeOf(word: Uint8Array): number {
  return (((word[0] ?? 0) | 0x20) << 16) | (((word[1] ?? 0) | 0x20) << 8) | ((word[2] ?? 0) | 0x20);
}

/** The names that clients send most: looking for a number is cheaper than a text made anew for each command. */
const shortNames: ReadonlyMap<number, string> = new Map(
  ['get', 'set', 'del', 'ttl'].map((name) => [codeOf(Buffer.from(name)), name]),
);

/**
 * A value in memory of its own: words are parts of what was received, which must not be kept as long.
 * @throws KvcError KVC_E_VALUE_TOO_LARGE
 */
export function valueOf(word: Buffer | undefined): Uint8Array {
  requireValueSize(word?.length ?? 0, 'the value');
  return keptCopy(word ?? Buffer.alloc(0));
}

/** @throws RespError */
export function memberOf(word: Buffer): Uint8Array {
  if (word.length > limits.memberBytesMax) {
    throw new RespError(
      `a member is ${word.length} bytes long; at most ${limits.memberBytesMax} are allowed`,
    );
  }
  return keptCopy(word);
}

/** @throws RespError for more than one update can do */
export function requireBatch(count: number): void {
  if (count <= limits.batchOperationsMax) return;
  throw new RespError(
    `${count} operations at once; at most ${limits.batchOperationsMax} are done as one update`,
  );
}

/**
 * Peers refuse an update that is larger, and all that come behind it.
 * @throws RespError
 */
export function requireUpdateSize(operations: readonly Operation[]): void {
  // One alone always fits.
  if (operations.length === 1) return;
  let bytes = 0;
  for (const operation of operations) bytes += Buffer.byteLength(operation.key) + payloadOf(operation).length;
  requireBatchBytes(bytes);
}

/** @throws RespError for more than one update can hold */
export function requireBatchBytes(bytes: number): void {
  if (bytes <= limits.batchBytesMax) return;
  throw new RespError(
    `${bytes} bytes of keys and values at once; at most ${limits.batchBytesMax} are written as one update`,
  );
}

/** Words two by two. @throws RespError if one is left over */
export function pairsOf(args: Args, command: string): [Buffer, Buffer][] {
  if (args.length % 2 !== 0) throw new RespError(`wrong number of arguments for '${command}' command`);
  const pairs: [Buffer, Buffer][] = [];
  for (let index = 0; index < args.length; index += 2) {
    pairs.push([args[index] ?? Buffer.alloc(0), args[index + 1] ?? Buffer.alloc(0)]);
  }
  return pairs;
}

/** Bytes of all values of one answer. */
const answerBytesMax = 64 * 1024 * 1024;

/** @throws RespError */
export function requireAnswerBytes(bytes: number): void {
  if (bytes <= answerBytesMax) return;
  throw new RespError(`the values have ${bytes} bytes; at most ${answerBytesMax} are told at once`);
}
