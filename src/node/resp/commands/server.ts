import { RespError } from '../../../protocol/resp/respError.js';
import { nameOf } from '../args.js';
import type { Args } from '../args.js';
import type { Command } from '../command.js';
import type { Reply } from '../reply.js';
import { globMatches } from '../glob.js';
import type { RespClient } from '../respClient.js';
import { bulk, ok } from '../replies.js';

/** The version of Redis whose commands these are, for clients that ask what a server can do. */
export const respVersion = '7.0.0';

export const serverCommands: readonly Command[] = [
  {
    kind: 'connection',
    name: 'info',
    arity: -1,
    summary:
      'About the node, in sections: server, clients, memory, persistence, stats, replication, keyspace, kvc',
    run: (client, args) => bulk(infoText(client, args.map(nameOf))),
  },
  {
    kind: 'connection',
    name: 'config',
    arity: -2,
    summary: 'CONFIG GET pattern: what clients ask for before they begin',
    run: runConfig,
  },
  {
    kind: 'connection',
    name: 'time',
    arity: 1,
    summary: "The node's time: seconds since 1970, and microseconds",
    run: () => {
      const ms = Date.now();
      return (writer) => {
        writer.array(2);
        writer.bulk(String(Math.floor(ms / 1000)));
        writer.bulk(String((ms % 1000) * 1000));
      };
    },
  },
];

function runConfig({ served }: RespClient, [word, ...patterns]: Args): Reply {
  const subcommand = nameOf(word);
  if (subcommand === 'resetstat') return ok;
  if (subcommand !== 'get')
    throw new RespError(`CONFIG ${subcommand} is not for kvc: limits are set by kvc up --limit`);
  const isDurable = served.config.dataDir !== null;
  const settings = Object.entries({
    save: '',
    appendonly: isDurable ? 'yes' : 'no',
    appendfsync: isDurable ? 'always' : 'no',
    databases: '1',
    maxmemory: '0',
    'maxmemory-policy': 'noeviction',
    timeout: '0',
  });
  const wanted = patterns.map((each) => each.toString('latin1').toLowerCase());
  const found = settings.filter(([name]) => wanted.some((pattern) => globMatches(pattern, name)));
  return (writer) => {
    writer.map(found.length);
    for (const [name, value] of found) {
      writer.bulk(name);
      writer.bulk(value);
    }
  };
}

type Section = (client: RespClient) => Readonly<Record<string, string | number>>;

const sections: Readonly<Record<string, Section>> = {
  server: ({ served, state }) => ({
    redis_version: respVersion,
    redis_mode: 'standalone',
    process_id: process.pid,
    uptime_in_seconds: Math.floor((Date.now() - state.startedAtMs) / 1000),
    kvc_node: served.config.self,
    kvc_cluster: served.config.clusterName,
  }),
  clients: ({ state }) => ({
    connected_clients: state.clients.size,
    blocked_clients: [...state.clients].filter(({ isBlocked }) => isBlocked).length,
  }),
  memory: () => {
    const { rss, heapUsed, external } = process.memoryUsage();
    return { used_memory: heapUsed + external, used_memory_rss: rss, maxmemory: 0 };
  },
  persistence: ({ served }) => ({
    loading: served.life.running === undefined ? 1 : 0,
    aof_enabled: served.config.dataDir === null ? 0 : 1,
  }),
  stats: ({ state }) => ({
    total_connections_received: state.counts.connections,
    total_commands_processed: state.counts.commands,
  }),
  // Every node takes writes.
  replication: () => ({ role: 'master', connected_slaves: 0 }),
  keyspace: ({ served }): Record<string, string> => {
    const keys = served.life.running?.replica.facts().liveKeys ?? 0;
    return keys === 0 ? {} : { db0: `keys=${keys},expires=0,avg_ttl=0` };
  },
  kvc: ({ served }): Record<string, string | number> => {
    const running = served.life.running;
    if (running === undefined) return {};
    const { replica } = running;
    return {
      kvc_members: replica.membership.current.length,
      kvc_unreached: replica.unreached.join(','),
      kvc_pending_updates: replica.pending.size,
      kvc_conflicts: replica.facts().conflictedKeys,
    };
  },
};

function infoText(client: RespClient, wanted: readonly string[]): string {
  const isAll = wanted.length === 0 || wanted.some((name) => ['all', 'default', 'everything'].includes(name));
  return Object.entries(sections)
    .filter(([name]) => isAll || wanted.includes(name))
    .map(([name, section]) => {
      const lines = Object.entries(section(client)).map(([field, value]) => `${field}:${value}\r\n`);
      return `# ${name[0]?.toUpperCase()}${name.slice(1)}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}
