import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeName } from '../core/ids.js';
import { KvcError, messageOf } from '../errors.js';
import type { DeliveryMode } from '../core/delivery.js';
import { asArray, asBoolean, asInteger, asObject, badField } from '../protocol/fields.js';
import { parseNodeName } from '../protocol/names.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import { parseNodeLimits } from '../protocol/nodeLimitsJson.js';
import { writeAtomically } from './writeAtomically.js';

/** What is known of a cluster while it is stopped, and how to reach it while it runs. Only its supervisor writes it. */
export interface ClusterFile {
  /** Names this cluster's history: session tokens and data directories carry it. */
  readonly id: string;
  readonly name: string;
  readonly delivery: DeliveryMode;
  readonly durability: 'durable' | 'ephemeral';
  /** The nodes with which the cluster began; all others joined it later. Never changes. */
  readonly founders: readonly NodeName[];
  readonly nodes: readonly ClusterFileNode[];
  /** Nodes that were removed. One that is added under such a name is another one, and must not pass for the first. */
  readonly formerNodes: readonly NodeName[];
  /** Of the nodes; what differs from the defaults. */
  readonly limits: Partial<NodeLimits>;
  /** null while the cluster is stopped. One that died by kill -9 leaves itself here: only a probe proves life. */
  readonly supervisor: SupervisorRecord | null;
}

export interface ClusterFileNode {
  readonly name: NodeName;
  readonly port: number;
  /** From then on an empty data directory is lost data, not a new node. */
  readonly hasServed: boolean;
}

export interface SupervisorRecord {
  readonly instance: string;
  /** Of the control API. */
  readonly port: number;
  readonly pid: number;
  /** Whoever can read this file may command the cluster. */
  readonly token: string;
}

export const clusterFileName = 'cluster.json';

const format = 2;

/**
 * @returns undefined when there is no such cluster
 * @throws KvcError KVC_E_FORMAT_UNKNOWN when the file is not one that this version of kvc wrote
 */
export function readClusterFile(dir: string): ClusterFile | undefined {
  const path = join(dir, clusterFileName);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return parseClusterFile(JSON.parse(text));
  } catch (cause) {
    throw new KvcError(
      'KVC_E_FORMAT_UNKNOWN',
      `${path} cannot be read: ${messageOf(cause)}. Another version of kvc may have written it.`,
      { path, try: ['kvc up --fresh (which deletes the data)'] },
      { cause },
    );
  }
}

export function writeClusterFile(dir: string, file: ClusterFile): void {
  writeAtomically(join(dir, clusterFileName), JSON.stringify({ format, ...file }, null, 2) + '\n');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseClusterFile(input: unknown): ClusterFile {
  const fields = asObject(input, 'the file', [
    'format',
    'id',
    'name',
    'delivery',
    'durability',
    'founders',
    'nodes',
    'formerNodes',
    'limits',
    'supervisor',
  ]);
  asInteger(fields.format, 'format', format, format);
  return {
    id: asText(fields.id, 'id'),
    name: parseNodeName(fields.name, 'name'),
    delivery: oneOf(fields.delivery, 'delivery', ['causal', 'fifo']),
    durability: oneOf(fields.durability, 'durability', ['durable', 'ephemeral']),
    founders: parseNames(fields.founders, 'founders'),
    nodes: asArray(fields.nodes, 'nodes').map((node, index) => parseNode(node, `nodes[${index}]`)),
    formerNodes: parseNames(fields.formerNodes, 'formerNodes'),
    limits: parseNodeLimits(fields.limits, 'limits'),
    supervisor: fields.supervisor === null ? null : parseSupervisor(fields.supervisor),
  };
}

function parseNames(input: unknown, field: string): NodeName[] {
  return asArray(input, field).map((name, index) => parseNodeName(name, `${field}[${index}]`));
}

function parseNode(input: unknown, field: string): ClusterFileNode {
  const { name, port, hasServed } = asObject(input, field, ['name', 'port', 'hasServed']);
  return {
    name: parseNodeName(name, `${field}.name`),
    port: asPort(port, `${field}.port`),
    hasServed: asBoolean(hasServed, `${field}.hasServed`),
  };
}

function parseSupervisor(input: unknown): SupervisorRecord {
  const field = 'supervisor';
  const { instance, port, pid, token } = asObject(input, field, ['instance', 'port', 'pid', 'token']);
  return {
    instance: asText(instance, `${field}.instance`),
    port: asPort(port, `${field}.port`),
    pid: asInteger(pid, `${field}.pid`, 1, Number.MAX_SAFE_INTEGER),
    token: asText(token, `${field}.token`),
  };
}

function asPort(input: unknown, field: string): number {
  return asInteger(input, field, 1, 65_535);
}

function asText(input: unknown, field: string): string {
  if (typeof input === 'string' && input !== '') return input;
  throw badField(field, 'a text', input);
}

function oneOf<T extends string>(input: unknown, field: string, values: readonly T[]): T {
  const found = values.find((value) => value === input);
  if (found === undefined) throw badField(field, values.join(' or '), input);
  return found;
}
