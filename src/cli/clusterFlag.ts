/** The cluster that a command line names, by itself or by its environment, also where the rest of it is wrong. */
export function clusterNamedIn(argv: readonly string[], env: NodeJS.ProcessEnv): string {
  const at = argv.findLastIndex((argument) => /^--cluster(=|$)/.test(argument));
  const named = argv[at] === '--cluster' ? argv[at + 1] : argv[at]?.slice('--cluster='.length);
  return named ?? env.KVC_CLUSTER ?? 'default';
}

/**
 * A remedy as it is to be typed: one that is a command about a cluster names it, for the same command without that would
 * act on another one.
 */
export function remedyFor(cluster: string, remedy: string): string {
  if (/ --(cluster|help)\b/.test(remedy)) return remedy;
  return remedy.replace(/^kvc (?!ls\b)(session )?[a-z]+/, `$&${clusterFlag(cluster)}`);
}

/** How a hint must name the cluster: nothing for the default one. */
export function clusterFlag(name: string): string {
  return name === 'default' ? '' : ` --cluster ${name}`;
}
