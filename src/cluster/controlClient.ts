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
  /** Asks the supervisor to stop the cluster; it is still stopping when this resolves. */
  down(): Promise<void>;
}
