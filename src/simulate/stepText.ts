import type { Action, CutAction, Step, WriteAction } from './schedule.js';

/** A step in words: `at 120 ms  node2 writes a=7.0 in session 1`. */
export function stepText(step: Step): string {
  return `at ${step.atMs} ms  ${actionText(step)}`;
}

function actionText(action: Action): string {
  switch (action.kind) {
    case 'write':
      return writeText(action);
    case 'read':
      return `${name(action.node)} is read ${action.keys.join(', ')}${sessionText(action.session)}`;
    case 'retry':
      return `the write of step ${action.write} is sent again, to ${name(action.node)}`;
    case 'cut':
      return cutText(action);
    case 'heal':
      return 'all links are healed';
    case 'slow':
      return `${name(action.node)} → ${name(action.other)} takes ${action.delayMs} ms`;
    case 'pause':
      return `${name(action.node)} is paused for ${action.forMs} ms`;
    case 'crash':
      return `${name(action.node)} crashes${effectsText(action.effects)}, for ${action.downMs} ms`;
    case 'restart':
      return `${name(action.node)} is restarted`;
    case 'lose disk':
      return `${name(action.node)} loses its disk`;
    case 'damage log':
      return `a byte of the log of ${name(action.node)} is flipped`;
    case 'damage store':
      return `the key store of ${name(action.node)} is damaged`;
    case 'set clock':
      return `the clock of ${name(action.node)} is set ${Math.abs(action.skewMs)} ms ${action.skewMs < 0 ? 'back' : 'ahead'}`;
    case 'join':
      return 'a node joins';
    case 'leave':
      return `${name(action.node)} leaves`;
    case 'remove':
      return `${name(action.node)} is removed by force${action.isRunning ? ', while it runs' : ''}`;
  }
}

function writeText(action: WriteAction): string {
  const changes = action.changes.map(({ key, value }) =>
    value === null ? `${key} deleted` : `${key}=${value}`,
  );
  const named = action.isNamed ? ', by a name' : '';
  const copies = action.replicas > 1 ? `, at ${action.replicas} nodes` : '';
  return `${name(action.node)} is written ${changes.join(', ')}${sessionText(action.session)}${named}${copies}`;
}

function cutText({ shape, node, other, answersToo }: CutAction): string {
  const what = answersToo ? 'all that goes' : 'requests';
  if (shape === 'one way') return `${what} ${name(node)} → ${name(other)} is cut`;
  if (shape === 'both ways') return `${what} ${name(node)} ↔ ${name(other)} is cut`;
  if (shape === 'alone') return `${what} from ${name(node)} is cut`;
  if (shape === 'halves') return `the nodes fall into two halves`;
  return 'each node reaches the next one only';
}

function name(node: number): string {
  return `node${node + 1}`;
}

function sessionText(session: number | null): string {
  return session === null ? '' : ` in session ${session + 1}`;
}

function effectsText(effects: number): string {
  return effects === 0 ? '' : ` between two effects, ${effects} from now`;
}
