import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstReplicaId, nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import { KvcError, messageOf } from '../errors.js';
import { syncDir, writeFileDurably } from './durableFile.js';

/** Whose data a directory holds. */
export interface Identity {
  readonly clusterId: string;
  readonly replica: ReplicaId;
}

export interface ExpectedIdentity {
  readonly clusterId: string;
  readonly node: NodeName;
  /** True if the node has served before: then its data must be there. */
  readonly hasServed: boolean;
}

const format = 1;
const fileName = 'identity.json';

/**
 * Reads the identity in a node's data directory; on the node's first start creates it, durably, before there is any data.
 * @throws KvcError KVC_E_DATA_FOREIGN for the data of another cluster or node, KVC_E_DATA_LOST if a node that has served
 * has none, KVC_E_FORMAT_UNKNOWN
 */
export async function openIdentity(dir: string, expected: ExpectedIdentity): Promise<Identity> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, fileName);
  const text = await readIfThere(path);
  if (text === undefined) {
    if (expected.hasServed) throw lost(dir, expected.node);
    return create(path, expected);
  }
  const identity = parse(text, path);
  const { clusterId, replica } = identity;
  if (clusterId !== expected.clusterId || nodeOf(replica) !== expected.node)
    throw foreign(dir, identity, expected);
  return identity;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(path: string, { clusterId, node }: ExpectedIdentity): Promise<Identity> {
  const identity = { clusterId, replica: firstReplicaId(node) };
  await writeFileDurably(path, `${JSON.stringify({ format, ...identity }, null, 2)}\n`);
  await syncDir(join(path, '..', '..'));
  return identity;
}

function parse(text: string, path: string): Identity {
  const { format: found, clusterId, replica } = fieldsOf(text, path);
  if (found !== format) {
    throw unreadable(
      path,
      `it has format ${JSON.stringify(found)}; this version of kvc reads format ${format}`,
    );
  }
  if (typeof clusterId !== 'string' || typeof replica !== 'string')
    throw unreadable(path, 'a field is missing');
  return { clusterId, replica: replica as ReplicaId };
}

function fieldsOf(text: string, path: string): Record<string, unknown> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
  if (typeof input !== 'object' || input === null) throw unreadable(path, 'it is no object');
  return input as Record<string, unknown>;
}

function unreadable(path: string, why: string): KvcError {
  const message = `${path} cannot be read: ${why}. Use the version of kvc that wrote it, or start afresh: kvc up --fresh`;
  return new KvcError('KVC_E_FORMAT_UNKNOWN', message, { path });
}

function lost(dir: string, node: NodeName): KvcError {
  return new KvcError(
    'KVC_E_DATA_LOST',
    `${node} has served before, but its data in ${dir} is gone. Starting empty, it would give new writes the dots of old ` +
      'ones, and its peers would take them for known. Restore the directory, or start the cluster afresh: kvc up --fresh',
    { dir, node },
  );
}

function foreign(dir: string, found: Identity, { clusterId, node }: ExpectedIdentity): KvcError {
  return new KvcError(
    'KVC_E_DATA_FOREIGN',
    `${dir} holds the data of ${nodeOf(found.replica)} in cluster ${found.clusterId}, not of ${node} in cluster ${clusterId}. ` +
      'Move it to where it belongs, or start afresh: kvc up --fresh',
    { dir, clusterId: found.clusterId, replica: found.replica },
  );
}
