import { nodeNameOf } from './nodeNameOf.js';
import type { Action, Change, CutAction, Step, WriteAction } from './schedule.js';

/** A step in words: `at 120 ms  node2 writes a=7.0 in session 1`. */
export function stepText(step: Step): string {
  return `at ${step.atMs} ms  ${actionText(step)}`;
}

function actionText(action: Action): string {
  switch (action.kind) {
    case 'write':
      return writeText(action);
    case 'read':
      return `${nodeNameOf(action.node)} is read ${action.keys.join(', ')}${sessionText(action.session)}`;
    case 'retry':
      return `the write of step ${action.write} is sent again, to ${nodeNameOf(action.node)}`;
    case 'cut':
      return cutText(action);
    case 'heal':
      return 'all links are healed';
    case 'slow':
      return `${nodeNameOf(action.node)} → ${nodeNameOf(action.other)} takes ${action.delayMs} ms`;
    case 'pause':
      return `${nodeNameOf(action.node)} is paused for ${action.forMs} ms`;
    case 'crash':
      return `${nodeNameOf(action.node)} crashes${effectsText(action.effects)}, for ${action.downMs} ms`;
    case 'restart':
      return `${nodeNameOf(action.node)} is restarted`;
    case 'lose disk':
      return `${nodeNameOf(action.node)} loses its disk`;
    case 'damage log':
      return `a byte of the log of ${nodeNameOf(action.node)} is flipped`;
    case 'damage store':
      return `the key store of ${nodeNameOf(action.node)} is damaged`;
    case 'set clock':
      return `the clock of ${nodeNameOf(action.node)} is set ${Math.abs(action.skewMs)} ms ${action.skewMs < 0 ? 'back' : 'ahead'}`;
    case 'join':
      return 'a node joins';
    case 'leave':
      return `${nodeNameOf(action.node)} leaves`;
    case 'remove':
      return `${nodeNameOf(action.node)} is removed by force${action.isRunning ? ', while it runs' : ''}`;
  }
}

function writeText(action: WriteAction): string {
  const changes = action.changes.map(changeText);
  const created = action.isCreate === true ? ', if it is absent' : '';
  const named = action.isNamed ? ', with a request id' : '';
  const copies = action.replicas > 1 ? `, at ${action.replicas} nodes` : '';
  return `${nodeNameOf(action.node)} is written ${changes.join(', ')}${created}${sessionText(action.session)}${named}${copies}`;
}

function changeText(change: Change): string {
  const { key } = change;
  if ('amount' in change) return `${key}${change.amount < 0 ? '-=' : '+='}${Math.abs(change.amount)}`;
  if ('member' in change) return `${key} ${change.isRemoved ? 'without' : 'with'} ${change.member}`;
  if (change.value === null) return `${key} deleted`;
  return `${key}=${change.value}${change.ttlMs === undefined ? '' : ` for ${change.ttlMs} ms`}`;
}

function cutText({ shape, cuts }: CutAction): string {
  const [first] = cuts;
  if (first === undefined) return 'no link is cut, for there are too few';
  const what = first.kind === 'everything' ? 'everything' : 'requests';
  if (shape === 'alone') return `${what} to and from ${mostNamed(cuts)} is cut`;
  const links = cuts.map(({ source, target }) => `${source} → ${target}`);
  return `${what} on ${links.join(', ')} is cut`;
}

function mostNamed(cuts: CutAction['cuts']): string {
  const names = cuts.flatMap(({ source, target }) => [source, target]);
  const count = (name: string): number => names.filter((each) => each === name).length;
  return names.reduce((best, name) => (count(name) > count(best) ? name : best));
}

function sessionText(session: number | null): string {
  return session === null ? '' : ` in session ${session + 1}`;
}

function effectsText(effects: number): string {
  return effects === 0 ? '' : ` between two effects, ${effects} from now`;
}
