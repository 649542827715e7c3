import { RespError } from '../../protocol/resp/respError.js';
import { nameOf } from './args.js';
import type { Args } from './args.js';
import type { Command } from './command.js';
import type { Reply } from './reply.js';
import { causalCommands } from './commands/causal.js';
import { connectionCommands } from './commands/connection.js';
import { counterCommands } from './commands/counters.js';
import { expiryCommands } from './commands/expiry.js';
import { keyCommands } from './commands/keys.js';
import { memoryCommands } from './commands/memory.js';
import { scanCommands } from './commands/scan.js';
import { serverCommands } from './commands/server.js';
import { setCommands } from './commands/sets.js';
import { stringCommands } from './commands/strings.js';
import { transactionCommands } from './commands/transactions.js';
import { whyCommands } from './commands/why.js';
import type { ReplyWriter } from '../../protocol/resp/replyWriter.js';
import { integer } from './replies.js';

const aboutCommands: Command = {
  kind: 'connection',
  name: 'command',
  arity: -1,
  summary: 'The commands: COMMAND [COUNT | LIST | INFO name ... | DOCS name ... | GETKEYS command ...]',
  run: (_, args) => runCommand(args),
};

/** As COMMAND DOCS has it: redis-cli asks for the group of every command, and ends where one has none. */
const groups: Readonly<Record<string, readonly Command[]>> = {
  string: [...stringCommands, ...counterCommands],
  generic: [...keyCommands, ...expiryCommands, ...scanCommands],
  set: setCommands,
  transactions: transactionCommands,
  connection: connectionCommands,
  server: [...serverCommands, ...memoryCommands, aboutCommands],
  kvc: [...causalCommands, ...whyCommands],
};

const commands = Object.values(groups).flat();

/** By name, in lower case. */
export const commandTable: ReadonlyMap<string, Command> = new Map(commands.map((each) => [each.name, each]));

/** Whether a command takes so many words, its name included. */
export function takes({ arity }: Command, words: number): boolean {
  return arity < 0 ? words >= -arity : words === arity;
}

function runCommand([word, ...args]: Args): Reply {
  switch (word === undefined ? 'info' : nameOf(word)) {
    case 'count':
      return integer(commandTable.size);
    case 'list':
      return (writer) => {
        writer.array(commandTable.size);
        for (const name of commandTable.keys()) writer.bulk(name);
      };
    case 'info':
      return (writer) => {
        const named = args.length === 0 ? commands : args.map((each) => commandTable.get(nameOf(each)));
        writer.array(named.length);
        for (const command of named) writeInfo(writer, command);
      };
    case 'docs':
      return (writer) => writeDocs(writer, args);
    case 'getkeys':
      return keysOf(args);
    default:
      throw new RespError(`unknown subcommand '${nameOf(word)}'. kvc knows COUNT, LIST, INFO, DOCS, GETKEYS`);
  }
}

function writeInfo(writer: ReplyWriter, command: Command | undefined): void {
  if (command === undefined) return writer.nilArray();
  const [first, last, step] = command.keys ?? [0, 0, 0];
  writer.array(6);
  writer.bulk(command.name);
  writer.integer(command.arity);
  writer.set(1);
  writer.simple(command.kind === 'write' ? 'write' : command.kind === 'read' ? 'readonly' : 'fast');
  for (const place of [first, last, step]) writer.integer(place);
}

function writeDocs(writer: ReplyWriter, args: Args): void {
  const named = args.length === 0 ? commands : args.flatMap((each) => commandTable.get(nameOf(each)) ?? []);
  writer.map(named.length);
  for (const command of named) {
    writer.bulk(command.name);
    writer.map(2);
    writer.bulk('summary');
    writer.bulk(command.summary);
    writer.bulk('group');
    writer.bulk(groupOf(command));
  }
}

function groupOf(command: Command): string {
  return Object.keys(groups).find((name) => groups[name]?.includes(command) === true) ?? 'generic';
}

function keysOf([word, ...args]: Args): Reply {
  const command = commandTable.get(nameOf(word));
  if (command?.keys === undefined || !takes(command, args.length + 1)) {
    throw new RespError('Invalid command specified, or one without keys');
  }
  const [first, last, step] = command.keys;
  const end = last < 0 ? args.length + last : last - 1;
  const keys = args.filter(
    (_, index) => index >= first - 1 && index <= end && (index - first + 1) % step === 0,
  );
  return (writer) => {
    writer.array(keys.length);
    for (const key of keys) writer.bulk(key);
  };
}
