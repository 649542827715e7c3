import { describe, expect, it } from 'vitest';
import { benchKey, drawnRequests, fillingRequests } from '../../src/load/benchRequests.js';
import { commandBytes } from '../../src/load/respChannel.js';

const resp = { protocol: 'resp', port: 1 } as const;
const get = (index: number) => commandBytes('GET', benchKey(index)).toString();
const set = (index: number) => commandBytes('SET', benchKey(index), 'xxx').toString();

/** These numbers, over and over. */
function saying(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

describe('the requests of the benchmark', () => {
  it('read and write keys that chance draws, in the share that is asked for', () => {
    const work = { keys: 1000, valueBytes: 3, readsPercent: 90, pipeline: 1 };
    const next = drawnRequests(resp, work, saying(0.89, 0.5, 0.9, 0.999));
    expect([next(), next()].map(String)).toEqual([get(500), set(999)]);
  });

  it('put as many commands in a pipeline as are asked for', () => {
    const work = { keys: 10, valueBytes: 3, readsPercent: 50, pipeline: 3 };
    const next = drawnRequests(resp, work, saying(0, 0, 0.5, 0.1));
    expect(next().toString()).toBe(get(0) + set(1) + get(0));
  });

  it('are whole over HTTP, with the length that they say', () => {
    const work = { keys: 10, valueBytes: 3, readsPercent: 0, pipeline: 1 };
    const [head = '', body = ''] = String(
      drawnRequests({ protocol: 'http', port: 7 }, work, saying(0.5))(),
    ).split('\r\n\r\n');
    expect(JSON.parse(body)).toEqual({ key: benchKey(5), value: 'xxx' });
    expect(head).toContain(`POST /write HTTP/1.1\r\nhost: 127.0.0.1:7\r\n`);
    expect(head).toContain(`content-length: ${body.length}`);
  });

  it('leave earlier ones as they were', () => {
    const next = fillingRequests({ keys: 3, valueBytes: 3, pipeline: 2 });
    const requests = [next(), next()];
    expect(requests.map(String)).toEqual([set(0) + set(1), set(2) + set(0)]);
  });
});
