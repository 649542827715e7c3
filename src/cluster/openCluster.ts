import { KvcError } from '../errors.js';
import type { DeliveryMode } from '../core/delivery.js';
import { readClusterFile, type ClusterFile, type SupervisorRecord } from './clusterFile.js';
import { clusterDir } from './clusterHome.js';
import type { ControlStatusJson } from './controlApi.js';
import { createControlClient, type ControlClient } from './controlClient.js';
import { unknownNode } from './faultTable.js';
import { isCalled } from './nodeNames.js';

export interface ClusterNode {
  readonly name: string;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
}

/** A running cluster, as a command sees it. */
export interface ClusterHandle {
  /** The cluster's directory: sessions, logs and data are below it. */
  readonly dir: string;
  readonly id: string;
  readonly name: string;
  readonly delivery: DeliveryMode;
  readonly nodes: readonly ClusterNode[];
  readonly control: ControlClient;
  /** As it was when the cluster was found: what a command looks at first it need not ask for again. */
  readonly status: ControlStatusJson;
  /** @throws KvcError KVC_E_NODE_UNKNOWN, listing the names. `text` is `node1`, or `1` for short. */
  resolveNode(text: string): ClusterNode;
}

/**
 * Finds a running cluster by its name.
 * @throws KvcError KVC_E_CLUSTER_NOT_RUNNING when there is none, or its supervisor does not answer
 */
export async function openCluster(name: string): Promise<ClusterHandle> {
  const dir = clusterDir(name);
  const file = readClusterFile(dir);
  const supervisor = file?.supervisor ?? undefined;
  if (file === undefined || supervisor === undefined) throw notRunning(name);
  const control = createControlClient(supervisor);
  const status = await statusOf(control, supervisor);
  if (status === undefined) throw notRunning(name);
  return handleOf(dir, file, control, status);
}

/** A port alone proves nothing: another program may listen there since the supervisor died. */
async function statusOf(
  control: ControlClient,
  supervisor: SupervisorRecord,
): Promise<ControlStatusJson | undefined> {
  try {
    const status = await control.status();
    return status.instance === supervisor.instance ? status : undefined;
  } catch (error) {
    if (error instanceof KvcError) return undefined;
    throw error;
  }
}

function handleOf(
  dir: string,
  file: ClusterFile,
  control: ControlClient,
  status: ControlStatusJson,
): ClusterHandle {
  const { id, name, delivery } = file;
  const nodes = file.nodes.map((node) => ({ name: node.name, url: `http://127.0.0.1:${node.port}` }));
  const resolveNode = (text: string): ClusterNode => {
    const found = nodes.find((node) => isCalled(node.name, text));
    if (found !== undefined) return found;
    throw unknownNode(
      text,
      nodes.map((node) => node.name),
    );
  };
  return { dir, id, name, delivery, nodes, control, status, resolveNode };
}

function notRunning(name: string): KvcError {
  const flag = name === 'default' ? '' : ` --cluster ${name}`;
  return new KvcError(
    'KVC_E_CLUSTER_NOT_RUNNING',
    `cluster "${name}" is not running; run: kvc up -d${flag}`,
    {
      cluster: name,
      try: ['kvc up -d', 'kvc ls'],
    },
  );
}
