import { keptCopy } from '../core/bytes.js';
import type { Operation } from '../core/update.js';
import { limits } from './limits.js';
import { countOf, dotFields, dotsOf, listOf, type Refuse } from './recordFields.js';

/**
 * What an operation says besides its key, as it stands in a record: the bytes of a value, nil for a deletion, and of
 * anything else a list that begins with a letter: [p, value, expires at], [i, amount], [a, member], [r, member],
 * [e, replica, counter].
 */
export function operationContent(operation: Operation): unknown {
  switch (operation.kind) {
    case 'put':
      return operation.expiresMs === undefined
        ? operation.value
        : ['p', operation.value, operation.expiresMs];
    case 'delete':
      return null;
    case 'increment':
      return ['i', operation.amount];
    case 'add':
      return ['a', operation.member];
    case 'remove':
      return ['r', operation.member];
    case 'expire':
      return ['e', ...dotFields([operation.dot])];
  }
}

/** Reads what `operationContent` gives. The operation shares no memory with what was unpacked. */
export function operationOf(key: string, content: unknown, refuse: Refuse): Operation {
  if (content === null) return { kind: 'delete', key };
  if (content instanceof Uint8Array) return { kind: 'put', key, value: bytesOf(content, refuse) };
  const [letter, ...fields] = listOf(content, 3, refuse);
  const [first, second] = fields;
  switch (letter) {
    case 'p':
      return { kind: 'put', key, value: bytesOf(first, refuse), expiresMs: countOf(second, 1, refuse) };
    case 'i':
      return { kind: 'increment', key, amount: amountOf(first, refuse) };
    case 'a':
      return { kind: 'add', key, member: bytesOf(first, refuse) };
    case 'r':
      return { kind: 'remove', key, member: bytesOf(first, refuse) };
    case 'e': {
      const [dot] = dotsOf(fields, refuse);
      if (dot !== undefined) return { kind: 'expire', key, dot };
    }
  }
  throw refuse('an operation is of no known kind');
}

export function bytesOf(input: unknown, refuse: Refuse): Uint8Array {
  if (!(input instanceof Uint8Array)) throw refuse('a value is not made of bytes');
  if (input.byteLength > limits.valueBytesMax) throw refuse(`a value has ${input.byteLength} bytes`);
  return keptCopy(input);
}

export function amountOf(input: unknown, refuse: Refuse): number {
  if (typeof input === 'number' && Number.isSafeInteger(input)) return input;
  throw refuse('an amount is no safe integer');
}
