/** Other names of commands, within the shell. */
export const verbAliases: Readonly<Record<string, string>> = { set: 'write', get: 'read' };

/** What only the shell has. */
export const shellVerbs = ['use', 'session', 'help', 'exit'] as const;

export type ShellVerb = (typeof shellVerbs)[number];

/** Commands that end by themselves and soon: they are run within the shell. All others get a process of their own. */
const quickCommands: ReadonlySet<string> = new Set([
  ...['write', 'read', 'delete', 'list', 'incr', 'decr', 'sadd', 'srem'],
  ...['delay', 'drop', 'duplicate', 'reorder', 'partition', 'hold', 'step', 'release', 'heal', 'faults'],
  ...['pause', 'resume', 'kill', 'restart', 'inspect', 'status', 'ls', 'add', 'remove'],
]);

export function isQuick(id: string): boolean {
  return quickCommands.has(id) || id.startsWith('session:');
}

export function isShellVerb(word: string): word is ShellVerb {
  return (shellVerbs as readonly string[]).includes(word);
}

/** What the words behind a verb are, for completion. */
export type WordKind = 'key' | 'node' | 'target' | 'session';

const firstWord: Readonly<Record<string, WordKind>> = {
  ...{ write: 'key', delete: 'key', incr: 'key', decr: 'key', sadd: 'key', srem: 'key', watch: 'key' },
  ...{
    use: 'node',
    kill: 'node',
    pause: 'node',
    resume: 'node',
    restart: 'node',
    inspect: 'node',
    logs: 'node',
  },
  ...{ delay: 'target', drop: 'target', duplicate: 'target', reorder: 'target', hold: 'target' },
  ...{ step: 'target', release: 'target', remove: 'node', session: 'session' },
};

/** @param position - 0: the first word behind the verb that is no flag */
export function wordKind(verb: string, position: number): WordKind | undefined {
  if (verb === 'read') return 'key';
  if (verb === 'write' && position % 2 === 0) return 'key';
  return position === 0 ? firstWord[verb] : undefined;
}

export const shellHelp = `Every command of kvc, without "kvc": at the shell's node and in its session unless the line says otherwise.

  write KEY VALUE (set)   read KEY (get)   delete KEY   list   incr KEY   sadd KEY MEMBER   srem KEY MEMBER
  delay T 5s   drop T 20%   partition node1 node2,node3   heal   faults   kill | pause | resume | restart NODE
  inspect   status   watch

  use NODE            go on at another node
  session NAME        go on in a session that is kept with the cluster
  session new | off   in a new one of this shell's own | in none
  session             say which it is
  help [COMMAND]      this, or what a command does
  exit                or Ctrl-D`;
