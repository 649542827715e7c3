import type { Paint } from '../../view/style.js';

/** The session that a shell's commands go on with. */
export type ShellSession =
  /** The shell's own: nobody else knows it, and it ends with the shell. */
  | { readonly kind: 'own'; readonly token: string }
  /** One that is kept with the cluster. */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'none' };

/** One that has seen nothing yet. */
export const newSession: ShellSession = { kind: 'own', token: 'new' };

/** What a shell adds to each command. */
export interface ShellState {
  readonly cluster: string;
  readonly node: string;
  readonly session: ShellSession;
}

/** What of a command decides what can be added to it. */
export interface CommandShape {
  readonly flags: Readonly<
    Record<string, { readonly char?: string; readonly exclusive?: readonly unknown[] }>
  >;
}

/**
 * The arguments of a command with the shell's cluster, node and session, where the command takes them and the line does not
 * say otherwise. Where it names another cluster, nothing of the shell fits.
 */
export function withShellFlags(
  argv: readonly string[],
  { flags }: CommandShape,
  { cluster, node, session }: ShellState,
): string[] {
  const given = givenFlags(argv);
  if (given.includes('cluster')) return [...argv];
  const excluded = given.flatMap((name) => flags[name]?.exclusive ?? []);
  const takes = (name: string): boolean =>
    flags[name] !== undefined && !given.includes(name) && !excluded.includes(name);
  const takesSession = takes('session') && takes('token');
  return [
    ...(takes('cluster') ? ['--cluster', cluster] : []),
    ...(takes('node') ? ['--node', node] : []),
    ...(takesSession && session.kind === 'named' ? ['--session', session.name] : []),
    ...(takesSession && session.kind === 'own' ? ['--token', session.token] : []),
    ...argv,
  ];
}

/** The long flags of a line, by name, up to a `--`. */
export function givenFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end))
    .map((word) => /^--([a-z-]+)(=|$)/.exec(word)?.[1])
    .filter((name) => name !== undefined);
}

/** `node1 alice> ` */
export function promptText({ node, session }: ShellState, paint: Paint): string {
  const name = session.kind === 'named' ? ` ${paint('cyan', session.name)}` : '';
  const none = session.kind === 'none' ? ` ${paint('dim', '(no session)')}` : '';
  return `${paint('bold', node)}${name}${none}> `;
}

export function sessionText(session: ShellSession): string {
  switch (session.kind) {
    case 'own':
      return "the shell's own session; it ends with the shell";
    case 'named':
      return `session ${session.name}`;
    case 'none':
      return 'no session: reads may be from the past, a write depends on all that its node has delivered';
  }
}
