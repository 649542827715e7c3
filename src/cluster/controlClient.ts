import { requestJson } from '../client/requestJson.js';
import { errorOfBody } from '../protocol/errorJson.js';
import type { SupervisorRecord } from './clusterFile.js';
import type {
  AddFaultJson,
  AddNodeJson,
  ClearedFaultsJson,
  ClearFaultsJson,
  ControlNodeJson,
  ControlStatusJson,
  FaultJson,
  RemovedNodeJson,
  RemoveNodeJson,
} from './controlApi.js';

/** The supervisor of a running cluster, over its control API. Every method throws the KvcError that it answers with. */
export interface ControlClient {
  status(): Promise<ControlStatusJson>;
  kill(node: string): Promise<ControlStatusJson>;
  restart(node: string): Promise<ControlStatusJson>;
  pause(node: string): Promise<ControlStatusJson>;
  resume(node: string): Promise<ControlStatusJson>;
  /** Resolves when the new node has joined and loaded what the others have. */
  addNode(node: AddNodeJson): Promise<ControlNodeJson>;
  removeNode(node: string, how: RemoveNodeJson): Promise<RemovedNodeJson>;
  addFault(fault: AddFaultJson): Promise<FaultJson>;
  clearFaults(filter: ClearFaultsJson): Promise<ClearedFaultsJson>;
  /**
   * Asks the supervisor to stop the cluster; it is still stopping when this resolves.
   * @param options - purge: delete the cluster with its data as well
   */
  down(options?: { readonly purge: boolean }): Promise<void>;
}

/** A node may load for long, and others may have to before it; the supervisor gives up on one that makes no progress. */
const changeNodeMsMax = 3_600_000;
/** A probe that goes unanswered so long has met no supervisor. */
const statusMsMax = 2000;
/** A fault may have to be given to every node in turn. */
const changeMsMax = 40_000;

export function createControlClient({ port, token }: SupervisorRecord): ControlClient {
  const ask = async (method: string, path: string, body: unknown, timeoutMs: number): Promise<unknown> => {
    const url = `http://127.0.0.1:${port}${path}`;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await requestJson({ url, method, headers, body, timeoutMs, peer: 'the supervisor' });
    if (answer.status >= 300) throw errorOfBody(answer.body, answer.status);
    return answer.body;
  };
  const command = (node: string, verb: string, body?: unknown): Promise<unknown> =>
    ask('POST', `/nodes/${encodeURIComponent(node)}/${verb}`, body, changeNodeMsMax);
  const change = async (node: string, verb: string): Promise<ControlStatusJson> =>
    (await command(node, verb)) as ControlStatusJson;
  return {
    status: async () => (await ask('GET', '/status', undefined, statusMsMax)) as ControlStatusJson,
    kill: (node) => change(node, 'kill'),
    restart: (node) => change(node, 'restart'),
    pause: (node) => change(node, 'pause'),
    resume: (node) => change(node, 'resume'),
    addNode: async (node) => (await ask('POST', '/nodes', node, changeNodeMsMax)) as ControlNodeJson,
    removeNode: async (node, how) => (await command(node, 'remove', how)) as RemovedNodeJson,
    addFault: async (fault) => (await ask('POST', '/faults', fault, changeMsMax)) as FaultJson,
    clearFaults: async (filter) => (await ask('DELETE', '/faults', filter, changeMsMax)) as ClearedFaultsJson,
    down: async ({ purge } = { purge: false }) => {
      await ask('POST', '/down', { purge }, statusMsMax);
    },
  };
}
