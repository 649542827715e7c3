import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RespAnswer } from '../../../src/protocol/resp/replyParser.js';
import { RespError } from '../../../src/protocol/resp/respError.js';
import { anyCommand, cut, encode, type Words } from '../../support/respFuzz.js';
import { RespPipe } from '../../support/respPipe.js';
import { testAmount } from '../../support/testAmount.js';
import { TestNodes } from '../../support/testNodes.js';
import { testSeed } from '../../support/testSeed.js';
import { until } from '../../support/until.js';

const runs = { numRuns: testAmount({ full: 5000, quick: 200 }), seed: testSeed };

let nodes: TestNodes;
beforeAll(async () => {
  nodes = await TestNodes.start({ count: 2, resp: true });
});
afterAll(() => nodes.stop());

interface Sent {
  readonly words: Words;
  readonly isInline: boolean;
}

const sent = fc.record({ words: anyCommand, isInline: fc.boolean() });
const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** Known by its answer: behind every command there is one, so it shows where each answer belongs. */
function markOf(index: number): string {
  return `mark ${index}`;
}

function withMarks(commands: readonly Sent[]): Sent[] {
  return commands.flatMap((each, index) => [each, { words: ['ECHO', markOf(index)], isInline: false }]);
}

function encodeAll(commands: readonly Sent[]): Buffer {
  return Buffer.concat(commands.map(({ words, isInline }) => encode(words, isInline)));
}

async function sendAll(pipe: RespPipe, bytes: Buffer, places: readonly number[]): Promise<void> {
  for (const piece of cut(bytes, places)) await pipe.send(piece);
}

function isQuit({ words }: Sent): boolean {
  return words[0]?.toLowerCase() === 'quit';
}

/** No answer tells of a defect, nor shows something of the program where a value should be. */
function expectNoDefect(answer: RespAnswer): void {
  if (Array.isArray(answer)) (answer as readonly RespAnswer[]).forEach(expectNoDefect);
  else if (answer instanceof RespError) {
    expect(answer.code).toMatch(/^[A-Z_]+$/);
    expect(answer.code).not.toBe('KVC_E_INTERNAL');
    expect(answer.message).not.toMatch(/defect|undefined|not a function|Cannot|\[object|Invalid array/);
  }
}

async function expectAlive(): Promise<void> {
  const pipe = await RespPipe.open(nodes.node(1).respPort);
  await pipe.send(encodeAll([{ words: ['PING'], isInline: false }]));
  await pipe.received(1);
  expect(pipe.answers).toEqual(['PONG']);
  pipe.close();
  expect(nodes.nodes.flatMap(({ complaints }) => complaints)).toEqual([]);
}

async function connectedClients(): Promise<number> {
  const pipe = await RespPipe.open(nodes.node(1).respPort);
  await pipe.send(Buffer.from('INFO clients\r\n'));
  await pipe.received(1);
  pipe.close();
  return Number(/^connected_clients:(\d+)\r$/m.exec(String(pipe.answers[0]))?.[1]);
}

describe(`a node (seed ${testSeed})`, { timeout: 600_000 }, () => {
  it('answers every command of any connection, right or wrong, once and in its order', async () => {
    const connections = fc.array(fc.tuple(fc.array(sent, { minLength: 1, maxLength: 40 }), cuts), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(connections, async (all) => {
        await Promise.all(
          all.map(([commands, places]) =>
            converse(
              commands.filter((each) => !isQuit(each)),
              places,
            ),
          ),
        );
        await expectAlive();
      }),
      runs,
    );
    await nodes.converged();
    await until('only one connection is left', async () => (await connectedClients()) === 1);
  });

  it('answers what came before it was told to end, and nothing behind that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { maxLength: 10 }), cuts, async (commands, places) => {
        const before = commands.filter((each) => !isQuit(each));
        const pipe = await RespPipe.open(nodes.node(1).respPort);
        const quit = { words: ['QUIT'], isInline: true };
        await sendAll(pipe, encodeAll([...before, quit, ...before]), places);
        await pipe.closed();
        expect(pipe.problem).toBe(undefined);
        expect(pipe.answers.length).toBe(before.length + 1);
        expect(pipe.answers.at(-1)).toBe('OK');
      }),
      { ...runs, numRuns: runs.numRuns / 4 },
    );
  });

  it('answers as much of damaged bytes as can be told, with an error behind it, and ends the connection', async () => {
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 10 }),
        damages,
        cuts,
        async (commands, damage, places) => {
          const bytes = encodeAll(commands);
          for (const [place, byte] of damage) bytes[place % bytes.length] = byte;
          const pipe = await RespPipe.open(nodes.node(1).respPort);
          await sendAll(pipe, bytes, places);
          pipe.endSending();
          await pipe.closed();
          expect(pipe.problem).toBe(undefined);
          expect(pipe.rest).toBe(0);
          pipe.answers.forEach(expectNoDefect);
          await expectAlive();
        },
      ),
      runs,
    );
  });
});

async function converse(commands: readonly Sent[], places: readonly number[]): Promise<void> {
  const pipe = await RespPipe.open(nodes.node(1).respPort);
  const marked = withMarks(commands);
  await sendAll(pipe, encodeAll(marked), places);
  await pipe.received(marked.length);
  expect(pipe.problem).toBe(undefined);
  expect({ answers: pipe.answers.length, rest: pipe.rest, isClosed: pipe.isClosed }).toEqual({
    answers: marked.length,
    rest: 0,
    isClosed: false,
  });
  pipe.answers.forEach(expectNoDefect);
  expectMarks(commands.length, pipe.answers);
  pipe.close();
}

/** A mark within a transaction is answered by EXEC. */
function expectMarks(count: number, answers: readonly RespAnswer[]): void {
  for (let index = 0; index < count; index += 1) {
    const answer = answers[2 * index + 1];
    expect(answer === 'QUEUED' ? markOf(index) : String(answer)).toBe(markOf(index));
  }
}
