import { shortName } from '../cluster/nodeNames.js';
import type { DemoSession } from './demoSession.js';

interface CallFlags {
  readonly node: string;
  readonly session?: DemoSession | undefined;
  readonly timeout?: string | undefined;
}

/** `kvc write --node 1 a 1`: what one would type. */
export function callText(command: 'read' | 'write', flags: CallFlags, words: readonly string[]): string {
  return [
    `kvc ${command}`,
    `--node ${shortName(flags.node)}`,
    ...(flags.session === undefined ? [] : [`--session ${flags.session.name}`]),
    ...(flags.timeout === undefined ? [] : [`--timeout ${flags.timeout}`]),
    ...words.map(shellWord),
  ].join(' ');
}

/** Scenarios use no quotes and nothing else that a shell would take for its own inside them. */
function shellWord(text: string): string {
  return /^[\w:.-]+$/.test(text) ? text : `'${text}'`;
}
