import type { NodeName } from '../../core/ids.js';
import { limits } from '../limits.js';
import { isName } from '../names.js';
import type { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import { unreadable } from './unreadable.js';

export function writeNodeNames(writer: ByteWriter, nodes: readonly NodeName[]): void {
  writer.number(nodes.length);
  for (const node of nodes) writer.text(node);
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function readNodeNames(reader: ByteReader): NodeName[] {
  const count = reader.count(limits.vectorEntriesMax, 'names of nodes');
  return Array.from({ length: count }, () => {
    const name = reader.text(limits.nodeNameCharactersMax, "a node's name");
    if (!isName(name)) throw unreadable("a node's name is malformed");
    return name as NodeName;
  });
}

export function sameNodeNames(left: readonly NodeName[], right: readonly NodeName[]): boolean {
  return (
    left === right || (left.length === right.length && left.every((node, index) => node === right[index]))
  );
}
