import { join } from 'node:path';
import { nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import { KvcError, messageOf } from '../errors.js';
import { isReplicaId } from '../protocol/names.js';
import { writeDurably } from './writeDurably.js';
import type { Files } from './files.js';

/** Whose data a directory holds. */
export interface Identity {
  readonly clusterId: string;
  readonly replica: ReplicaId;
  /** False until the cluster has admitted the replica and its state is here: until then it has never written anything. */
  readonly joined: boolean;
}

const format = 2;
const fileName = 'identity.json';

/**
 * The identity in a node's data directory; undefined if there is none.
 * @throws KvcError KVC_E_DATA_FOREIGN for the data of another cluster or node, KVC_E_FORMAT_UNKNOWN
 */
export async function readIdentity(
  files: Files,
  dir: string,
  expected: { readonly clusterId: string; readonly node: NodeName },
): Promise<Identity | undefined> {
  const path = join(dir, fileName);
  const text = await readIfThere(files, path);
  if (text === undefined) return undefined;
  const identity = parse(text, path);
  const { clusterId, replica } = identity;
  if (clusterId === expected.clusterId && nodeOf(replica) === expected.node) return identity;
  throw foreign(dir, identity, expected);
}

/** Records an identity durably: before there is any data of it, and again when it has joined. */
export async function writeIdentity(files: Files, dir: string, identity: Identity): Promise<void> {
  await files.mkdir(dir);
  await writeDurably(files, join(dir, fileName), `${JSON.stringify({ format, ...identity }, null, 2)}\n`);
  await files.syncDir(join(dir, '..'));
}

async function readIfThere(files: Files, path: string): Promise<string | undefined> {
  try {
    return (await files.readFile(path)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string, path: string): Identity {
  const { format: found, clusterId, replica, joined } = fieldsOf(text, path);
  if (found !== format) {
    throw unreadable(
      path,
      `it has format ${JSON.stringify(found)}; this version of kvc reads format ${format}`,
    );
  }
  const isWhole = typeof clusterId === 'string' && isReplicaId(replica) && typeof joined === 'boolean';
  if (!isWhole) throw unreadable(path, 'a field is missing or malformed');
  return { clusterId, replica, joined };
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

function foreign(
  dir: string,
  found: Identity,
  { clusterId, node }: { readonly clusterId: string; readonly node: NodeName },
): KvcError {
  return new KvcError(
    'KVC_E_DATA_FOREIGN',
    `${dir} holds the data of ${nodeOf(found.replica)} in cluster ${found.clusterId}, not of ${node} in cluster ${clusterId}. ` +
      'Move it to where it belongs, or start afresh: kvc up --fresh',
    { dir, clusterId: found.clusterId, replica: found.replica },
  );
}
