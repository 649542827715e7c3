import { describe, expect, it } from 'vitest';
import type { Channel, Outcome } from '../../src/load/channel.js';
import { runClosedLoop, type LoopAmount } from '../../src/load/closedLoop.js';
import { until } from '../support/until.js';

type Answer = (onAnswer: (outcome: Outcome) => void) => void;

/** A server in this process: what it is asked it answers so, and when it is closed it loses what is under way. */
class Server {
  readonly sent: string[] = [];
  open = 0;
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  channel(): Promise<Channel> {
    this.open += 1;
    let lose: (() => void) | undefined;
    return Promise.resolve({
      send: (request, onAnswer) => {
        this.sent.push(request.toString());
        lose = () => onAnswer({ status: 0 });
        this.#answer((outcome) => {
          lose = undefined;
          onAnswer(outcome);
        });
      },
      close: () => {
        this.open -= 1;
        lose?.();
      },
    });
  }

  run(amount: Partial<LoopAmount>, connections = 2) {
    let next = 0;
    const target = { port: 1, connections, nextRequest: () => Buffer.from(String(next++)) };
    return runClosedLoop([target], { durationMs: 60_000, open: () => this.channel(), ...amount });
  }
}

const soon: Answer = (onAnswer) => setImmediate(() => onAnswer({ status: 200 }));
const never: Answer = () => undefined;

describe('a closed loop', () => {
  it('sends each request once, in turn, and stops at the most that it may send', async () => {
    const server = new Server(soon);
    const { latencies, refused, lost } = await server.run({ requestsMax: 5 });
    expect(server.sent).toEqual(['0', '1', '2', '3', '4']);
    expect([latencies.count, refused, lost]).toEqual([5, 0, 0]);
  });

  it('stops at its end, and waits for what is under way', async () => {
    const server = new Server(soon);
    const { latencies, elapsedMs } = await server.run({ durationMs: 20 });
    expect(elapsedMs).toBeGreaterThanOrEqual(20);
    expect(latencies.count).toBe(server.sent.length);
  });

  it('counts what is refused, keeps what the first was told, and goes on', async () => {
    const server = new Server((onAnswer) =>
      setImmediate(() =>
        onAnswer({ status: server.sent.length > 2 ? 500 : 200, bytes: Buffer.from('-ERR no') }),
      ),
    );
    const { latencies, refused, refusal } = await server.run({ requestsMax: 6 }, 1);
    expect([latencies.count, refused, refusal]).toEqual([2, 4, '-ERR no']);
  });

  it('gives up a server that does not answer', async () => {
    // Long enough for a busy machine to send the first requests in.
    const { lost, lostPorts } = await new Server(never).run({ durationMs: 500, answerMsMax: 20 });
    expect([lost, lostPorts]).toEqual([2, [1]]);
  });

  it('ends early when it is told to, and counts nothing as lost', async () => {
    const server = new Server(soon);
    const end = new AbortController();
    const running = server.run({ signal: end.signal });
    await until('requests', () => server.sent.length > 10);
    end.abort();
    const { latencies, lost } = await running;
    expect([latencies.count, lost]).toEqual([server.sent.length, 0]);
  });

  it('closes what it has opened when another connection fails', async () => {
    const server = new Server(soon);
    let opened = 0;
    const open = () => (++opened === 3 ? Promise.reject(new Error('refused')) : server.channel());
    await expect(server.run({ open }, 3)).rejects.toThrow('refused');
    expect(server.open).toBe(0);
  });
});
