/** How a hint must name the cluster: nothing for the default one. */
export function clusterFlag(name: string): string {
  return name === 'default' ? '' : ` --cluster ${name}`;
}
