import { asKvcError, KvcError } from '../../errors.js';
import type { NodeClient, RequestOptions } from '../nodeClient.js';
import {
  callFailure,
  isDoubtful,
  isForAnother,
  isReset,
  notTakenUp,
  settleRefusal,
  type FailedAttempt,
} from './callFailure.js';
import type { CallScope } from './callScope.js';
import type { KnownNode } from './knownNode.js';
import type { KnownNodes } from './knownNodes.js';
import { Route } from './route.js';

/** What an attempt may take of the time. */
export type AttemptTerms = Required<Pick<RequestOptions, 'signal' | 'timeoutMs' | 'requestTimeoutMs'>> &
  Pick<RequestOptions, 'acceptBy'>;

export interface Call<T> {
  /** What is asked of one node. `terms` gives what is left of its time: ask for it anew before each request. */
  readonly attempt: (node: NodeClient, terms: () => AttemptTerms) => Promise<T>;
  /** `read`: may be sent as often as one likes. `write`: has a request id, which only the same node surely knows again. */
  readonly kind: 'read' | 'write';
  /** The one that is to be asked; undefined: any. */
  readonly node?: string | undefined;
  /** Which is asked first, if it is among them. */
  readonly first?: string | undefined;
}

/** What an answer takes on its way, at most half of an attempt: so that a node says in time that it is behind. */
const answerMs = 250;

/** How long before the end of an attempt a node is no longer to take it up, for clocks that differ a little. */
const acceptMarginMs = 50;

/**
 * Asks one node after the other until one answers or the time is over.
 * @throws KvcError what the node says, where other nodes would say the same; else what tells most of the failures, with
 * the attempts in its facts: `attempts: [{node, code}]`
 */
export async function askNodes<T>(nodes: KnownNodes, scope: CallScope, call: Call<T>): Promise<T> {
  const route = new Route(() => candidatesOf(nodes, call), scope.timeoutMs);
  const failures: FailedAttempt[] = [];
  for (;;) {
    const turn = route.next(scope.remainingMs);
    if (turn === undefined) throw callFailure(failures, call.kind !== 'read');
    if (turn.pauseMs > 0) await scope.pause(turn.pauseMs);
    try {
      const answer = await attemptAt(nodes, turn.node, turn.shareMs, scope, call);
      turn.node.trust();
      if (call.node === undefined) nodes.prefer(turn.node);
      return answer;
    } catch (thrown) {
      scope.requireWanted();
      const error = settleRefusal(asKvcError(thrown));
      failures.push({ node: turn.node.label, error });
      if (!isForAnother(error)) throw callFailure(failures, call.kind !== 'read', error);
      chooseNext(route, turn.node, error, call.kind, failures);
    }
  }
}

function candidatesOf<T>(nodes: KnownNodes, { node, first }: Call<T>): readonly KnownNode[] {
  if (node !== undefined) return nodes.named(node);
  const inOrder = nodes.inOrder();
  if (first === undefined) return inOrder;
  return inOrder.toSorted((one, other) => Number(other.name === first) - Number(one.name === first));
}

async function attemptAt<T>(
  nodes: KnownNodes,
  known: KnownNode,
  shareMs: number,
  scope: CallScope,
  call: Call<T>,
): Promise<T> {
  const endMs = performance.now() + shareMs;
  const taking = { isAsked: false, isTakenUp: false };
  const terms = (): AttemptTerms => {
    const requestTimeoutMs = Math.max(1, Math.floor(endMs - performance.now()));
    const timeoutMs = Math.floor(requestTimeoutMs - Math.min(answerMs, requestTimeoutMs / 2));
    const common = { signal: scope.signal, requestTimeoutMs, timeoutMs };
    if (call.kind === 'read' || !known.saysTakenUp) return common;
    taking.isAsked = true;
    const ms = Math.floor(known.nowMs + requestTimeoutMs - Math.min(acceptMarginMs, requestTimeoutMs / 2));
    return { ...common, acceptBy: { ms, onTakenUp: () => (taking.isTakenUp = true) } };
  };
  const client = await known.client(nodes.clusterId, terms()).catch((error: unknown) => {
    throw notAsked(asKvcError(error));
  });
  if (call.node === undefined || call.node === client.name) {
    return call.attempt(client, terms).catch((thrown: unknown) => {
      const error = asKvcError(thrown);
      if (typeof error.facts['now_ms'] === 'number') known.setClock(error.facts['now_ms']);
      throw taking.isAsked && !taking.isTakenUp ? notTakenUp(error) : error;
    });
  }
  throw new KvcError('KVC_E_NODE_UNKNOWN', `the node at ${known.url} is ${client.name}, not ${call.node}`);
}

/** Where a node did not even say who it is, it was not sent what matters. */
function notAsked(error: KvcError): KvcError {
  if (error.code !== 'KVC_E_NODE_UNREACHABLE') return error;
  return new KvcError('KVC_E_NODE_DOWN', error.message, error.facts, { cause: error });
}

function chooseNext(
  route: Route,
  node: KnownNode,
  error: KvcError,
  kind: Call<unknown>['kind'],
  failures: readonly FailedAttempt[],
): void {
  // A write that may have happened must be known again: elsewhere it could become another one beside it.
  if (kind === 'write' && isDoubtful(error)) {
    route.stayAt(node);
    // The next call need not begin where this one got no answer.
    if (error.code !== 'KVC_E_NOT_DURABLE') node.avoid();
    return;
  }
  if (isReset(error) && failures.filter((each) => each.node === node.label).length === 1) route.repeat(node);
  // Being behind says something of the session, not of the node.
  else if (error.code !== 'KVC_E_DEPS_TIMEOUT') node.avoid();
}
