import type { NodeName } from '../core/ids.js';
import { parseNodeName } from '../protocol/names.js';
import type { ClusterFile, ClusterFileNode } from './clusterFile.js';

/*
 * How a cluster file changes when nodes are given ports, come, serve and go. All of it is pure.
 */

/** The first of node1, node2, ... that no node has or ever had: the dots of two nodes are best told apart by their names. */
export function nextNodeName({ nodes, formerNodes }: ClusterFile): NodeName {
  const used = new Set<string>([...nodes.map(({ name }) => name), ...formerNodes]);
  let number = 1;
  while (used.has(`node${number}`)) number += 1;
  return parseNodeName(`node${number}`);
}

/** @param ports - of the nodes in their order */
export function withPorts(file: ClusterFile, ports: readonly number[]): ClusterFile {
  const nodes = file.nodes.map((node, index) => ({ ...node, port: ports[index] ?? node.port }));
  return { ...file, nodes };
}

export function withNode(file: ClusterFile, node: ClusterFileNode): ClusterFile {
  return { ...file, nodes: [...file.nodes, node] };
}

/** @param wasUsed - false: the node never came so far that another one could have heard of it */
export function withoutNode(file: ClusterFile, name: NodeName, wasUsed: boolean): ClusterFile {
  const nodes = file.nodes.filter((node) => node.name !== name);
  const formerNodes = wasUsed ? [...new Set([...file.formerNodes, name])] : file.formerNodes;
  return { ...file, nodes, formerNodes };
}

export function withServed(file: ClusterFile, name: NodeName): ClusterFile {
  const nodes = file.nodes.map((node) => (node.name === name ? { ...node, hasServed: true } : node));
  return { ...file, nodes };
}
