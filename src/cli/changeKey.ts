import type { BatchWriteJson, WriteResponseJson } from '../protocol/api.js';
import { callNode, type Answered } from './callNode.js';
import type { DataFlags } from './dataFlags.js';
import { writeTerms } from './writeFlags.js';

/** Changes what one key holds, by operations that are one update. */
export function changeKey(
  flags: DataFlags & { readonly replicas?: number | undefined; readonly 'if-context'?: string | undefined },
  writes: readonly BatchWriteJson[],
): Promise<Answered & WriteResponseJson> {
  return callNode(flags, (node, options) => node.change(writes, { ...options, ...writeTerms(flags) }));
}
