import type { LinkJson } from '../cluster/controlApi.js';
import { KvcError } from '../errors.js';

/** Finds a node by what a user may call it; throws KVC_E_NODE_UNKNOWN. */
export interface NodeNames {
  resolveNode(text: string): { readonly name: string };
}

/**
 * What a fault acts on, with full names: `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`.
 * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN
 */
export function parseTarget(text: string, names: NodeNames): string {
  if (text === 'all') return text;
  if (!text.includes(':')) return names.resolveNode(text).name;
  const { source, target } = parseLink(text, names);
  return `${source}:${target}`;
}

/**
 * One link, one way: `node1:node3`, or `1:3` for short.
 * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN
 */
export function parseLink(text: string, names: NodeNames): LinkJson {
  const [source, target, ...rest] = text.split(':');
  if (!source || !target || rest.length > 0) {
    throw new KvcError(
      'KVC_E_USAGE',
      `${JSON.stringify(text.slice(0, 80))} is no link; write source:target, as in node1:node3 or 1:3`,
    );
  }
  const link = { source: names.resolveNode(source).name, target: names.resolveNode(target).name };
  if (link.source !== link.target) return link;
  throw new KvcError(
    'KVC_E_USAGE',
    `${text} is no link: a link joins two different nodes, as in node1:node3`,
  );
}
