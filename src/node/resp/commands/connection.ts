import { RespError, syntaxError } from '../../../protocol/resp/respError.js';
import type { ReplyWriter } from '../../../protocol/resp/replyWriter.js';
import { integerOf, nameOf } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { Reply } from '../reply.js';
import type { RespClient } from '../respClient.js';
import { bulk, integer, nil, ok } from '../replies.js';
import { respVersion } from './server.js';

const empty = Buffer.alloc(0);

export const connectionCommands: readonly Command[] = [
  {
    kind: 'connection',
    name: 'ping',
    arity: -1,
    summary: 'PONG, or the word that it is given',
    run: (_, [word, ...more]) => {
      if (more.length > 0) throw new RespError("wrong number of arguments for 'ping' command");
      return word === undefined ? (writer) => writer.simple('PONG') : bulk(Uint8Array.from(word));
    },
  },
  {
    kind: 'connection',
    name: 'echo',
    arity: 2,
    summary: 'The word that it is given',
    run: (_, [word = empty]) => bulk(Uint8Array.from(word)),
  },
  {
    kind: 'connection',
    name: 'quit',
    arity: -1,
    inTransaction: 'immediate',
    summary: 'Ends the connection',
    run: (client) => {
      client.quit();
      return ok;
    },
  },
  {
    kind: 'connection',
    name: 'select',
    arity: 2,
    summary: 'There is one database: 0',
    run: (_, [word]) => {
      if (integerOf(word) !== 0) throw new RespError('DB index is out of range');
      return ok;
    },
  },
  {
    kind: 'connection',
    name: 'auth',
    arity: -2,
    inTransaction: 'refused',
    summary: 'Nodes listen on this machine only, and ask for no password',
    run: () => {
      throw new RespError(
        'AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      );
    },
  },
  {
    kind: 'connection',
    name: 'hello',
    arity: -1,
    inTransaction: 'refused',
    summary: 'Chooses the protocol, 2 or 3: HELLO [2 | 3 [SETNAME name]]',
    run: hello,
  },
  {
    kind: 'connection',
    name: 'reset',
    arity: 1,
    inTransaction: 'immediate',
    summary: 'The connection as it was when it began, but for its session',
    run: (client) => {
      client.transaction = undefined;
      client.name = '';
      return (writer) => {
        client.protocol = 2;
        writer.simple('RESET');
      };
    },
  },
  {
    kind: 'connection',
    name: 'client',
    arity: -2,
    // A list of all connections is long.
    inTransaction: 'refused',
    summary: 'About connections: ID, INFO, LIST, GETNAME, SETNAME, SETINFO',
    run: runClient,
  },
];

function hello(client: RespClient, [version, ...words]: Args): Reply {
  const wanted = version === undefined ? undefined : integerOf(version);
  if (wanted !== undefined && wanted !== 2 && wanted !== 3)
    throw new RespError('unsupported protocol version', 'NOPROTO');
  let name = client.name;
  for (let index = 0; index < words.length; index += 2) {
    const option = nameOf(words[index]);
    if (option === 'auth') throw new RespError('kvc asks for no password: leave AUTH out', 'WRONGPASS');
    if (option !== 'setname' || words[index + 1] === undefined) throw syntaxError();
    name = clientNameOf(words[index + 1]);
  }
  client.name = name;
  return (writer) => {
    // Only now: answers to what came before may have waited for this turn, and are told as they were asked for.
    if (wanted !== undefined) client.protocol = wanted;
    tellServer(client, writer);
  };
}

function tellServer({ id, protocol }: RespClient, writer: ReplyWriter): void {
  const facts: readonly (readonly [string, string | number])[] = [
    ['server', 'redis'],
    ['version', respVersion],
    ['proto', protocol],
    ['id', id],
    ['mode', 'standalone'],
    ['role', 'master'],
  ];
  writer.map(facts.length + 1);
  for (const [field, value] of facts) {
    writer.bulk(field);
    if (typeof value === 'number') writer.integer(value);
    else writer.bulk(value);
  }
  writer.bulk('modules');
  writer.array(0);
}

function runClient(client: RespClient, [word, ...args]: Args): Reply {
  const [first] = args;
  switch (nameOf(word)) {
    case 'id':
      return integer(client.id);
    case 'getname':
      return client.name === '' ? nil : bulk(client.name);
    case 'setname':
      client.name = clientNameOf(first);
      return ok;
    case 'setinfo':
      setInfo(client, nameOf(first), clientNameOf(args[1]));
      return ok;
    case 'info':
      return bulk(`${describe(client)}\n`);
    case 'list':
      return bulk([...client.state.clients].map((each) => `${describe(each)}\n`).join(''));
    case 'no-evict':
    case 'no-touch':
      return ok;
    default:
      throw new RespError(
        `unknown subcommand '${nameOf(word)}'. kvc knows ID, INFO, LIST, GETNAME, SETNAME, SETINFO`,
      );
  }
}

function setInfo(client: RespClient, field: string, value: string): void {
  if (field === 'lib-name') client.library.name = value;
  else if (field === 'lib-ver') client.library.version = value;
  else throw new RespError(`Unrecognized option '${field}'`);
}

/** @throws RespError: names stand in a list, separated by spaces */
function clientNameOf(word: Buffer | undefined): string {
  const name = word?.toString('latin1') ?? '';
  if (/^[!-~]{0,128}$/.test(name)) return name;
  throw new RespError('Client names cannot contain spaces, newlines or special characters.');
}

function describe(client: RespClient): string {
  const { id, address, name, connectedAtMs, lastCommand, protocol, library, transaction } = client;
  const age = Math.floor((Date.now() - connectedAtMs) / 1000);
  const multi = transaction?.queued.length ?? -1;
  return `id=${id} addr=${address} name=${name} age=${age} db=0 multi=${multi} cmd=${lastCommand} resp=${protocol} lib-name=${library.name} lib-ver=${library.version}`;
}
