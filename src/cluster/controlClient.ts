import { requestJson } from '../client/requestJson.js';
import { errorOfBody } from '../protocol/errorJson.js';
import type { SupervisorRecord } from './clusterFile.js';
import type {
  AddFaultJson,
  ClearedFaultsJson,
  ClearFaultsJson,
  ControlStatusJson,
  FaultJson,
} from './controlApi.js';

/** The supervisor of a running cluster, over its control API. Every method throws the KvcError that it answers with. */
export interface ControlClient {
  status(): Promise<ControlStatusJson>;
  kill(node: string): Promise<ControlStatusJson>;
  restart(node: string): Promise<ControlStatusJson>;
  pause(node: string): Promise<ControlStatusJson>;
  resume(node: string): Promise<ControlStatusJson>;
  addFault(fault: AddFaultJson): Promise<FaultJson>;
  clearFaults(filter: ClearFaultsJson): Promise<ClearedFaultsJson>;
  /**
   * Asks the supervisor to stop the cluster; it is still stopping when this resolves.
   * @param options - purge: delete the cluster with its data as well
   */
  down(options?: { readonly purge: boolean }): Promise<void>;
}

/** Nodes that recover much take long to restart; the supervisor gives up on them before this. */
const restartMsMax = 90_000;
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
  const command = async (node: string, verb: string): Promise<ControlStatusJson> =>
    (await ask(
      'POST',
      `/nodes/${encodeURIComponent(node)}/${verb}`,
      undefined,
      restartMsMax,
    )) as ControlStatusJson;
  return {
    status: async () => (await ask('GET', '/status', undefined, statusMsMax)) as ControlStatusJson,
    kill: (node) => command(node, 'kill'),
    restart: (node) => command(node, 'restart'),
    pause: (node) => command(node, 'pause'),
    resume: (node) => command(node, 'resume'),
    addFault: async (fault) => (await ask('POST', '/faults', fault, changeMsMax)) as FaultJson,
    clearFaults: async (filter) => (await ask('DELETE', '/faults', filter, changeMsMax)) as ClearedFaultsJson,
    down: async ({ purge } = { purge: false }) => {
      await ask('POST', '/down', { purge }, statusMsMax);
    },
  };
}
