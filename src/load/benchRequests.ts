import { commandBytes } from './respChannel.js';
import { requestBytes } from './requestBytes.js';

/** All keys of the benchmark begin with it. */
export const benchPrefix = 'kvc-bench/';

/** How a node is spoken to. */
export type BenchProtocol = 'resp' | 'http';

/** Keys are numbered from 0, and all are as long. */
const digits = 7;
/** One more than the greatest number that fits. */
export const benchKeysMax = 10 ** digits;

/** What is sent. */
export interface BenchRequests {
  readonly keys: number;
  readonly valueBytes: number;
  /** The share that reads; the others write. */
  readonly readsPercent: number;
  /** How many commands each request holds. */
  readonly pipeline: number;
}

export function benchKey(index: number): string {
  return `${benchPrefix}${String(index).padStart(digits, '0')}`;
}

/**
 * A source of requests of keys drawn by chance. It holds one read and one write, whatever the number of keys.
 * @param random - from 0 up to but not including 1
 */
export function drawnRequests(
  { protocol, port }: { readonly protocol: BenchProtocol; readonly port: number },
  { keys, valueBytes, readsPercent, pipeline }: BenchRequests,
  random: () => number,
): () => Buffer {
  const [read, write] = templatesOf(protocol, port, valueBytes);
  const one = (): Buffer => {
    const template = random() * 100 < readsPercent ? read : write;
    return template.of(Math.floor(random() * keys));
  };
  return pipeline === 1 ? one : () => Buffer.concat(Array.from({ length: pipeline }, one));
}

/** A source of writes of all keys in turn, over the Redis protocol; after the last one comes the first again. */
export function fillingRequests({
  keys,
  valueBytes,
  pipeline,
}: Omit<BenchRequests, 'readsPercent'>): () => Buffer {
  const [, write] = templatesOf('resp', 0, valueBytes);
  let next = 0;
  const one = (): Buffer => write.of(next++ % keys);
  return () => Buffer.concat(Array.from({ length: pipeline }, one));
}

function templatesOf(protocol: BenchProtocol, port: number, valueBytes: number): [Template, Template] {
  const key = benchKey(0);
  const value = 'x'.repeat(valueBytes);
  const bytes =
    protocol === 'resp'
      ? [commandBytes('GET', key), commandBytes('SET', key, value)]
      : [
          requestBytes('GET', port, `/read?key=${key}`),
          requestBytes('POST', port, '/write', { body: { key, value } }),
        ];
  const [read = Buffer.alloc(0), write = Buffer.alloc(0)] = bytes;
  return [new Template(read), new Template(write)];
}

/** A request in which only the number of the key differs. */
class Template {
  readonly #bytes: Buffer;
  readonly #at: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#at = bytes.indexOf(benchPrefix) + benchPrefix.length;
  }

  of(index: number): Buffer {
    const own = Buffer.from(this.#bytes);
    own.write(String(index).padStart(digits, '0'), this.#at, 'latin1');
    return own;
  }
}
