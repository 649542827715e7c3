import { describe, expect, it } from 'vitest';
import {
  newSession,
  promptText,
  withShellFlags,
  type ShellSession,
} from '../../../src/cli/shell/shellState.js';
import { plainPaint } from '../../../src/view/style.js';

const state = { cluster: 'default', node: 'node2', session: newSession } as const;
const named: ShellSession = { kind: 'named', name: 'alice' };
const none: ShellSession = { kind: 'none' };
const data = {
  flags: {
    cluster: {},
    node: {},
    session: { exclusive: ['token'] },
    token: {},
    'all-nodes': { exclusive: ['node', 'session', 'token'] },
  },
};

describe('what the shell adds to a command', () => {
  it('is its cluster, node and session, where the command takes them', () => {
    const start = ['--cluster', 'default', '--node', 'node2'];
    expect(withShellFlags(['a'], data, state)).toEqual([...start, '--token', 'new', 'a']);
    expect(withShellFlags(['a'], data, { ...state, session: named })).toEqual([
      ...start,
      '--session',
      'alice',
      'a',
    ]);
    expect(withShellFlags(['a'], data, { ...state, session: none })).toEqual([...start, 'a']);
    expect(withShellFlags(['node1'], { flags: { cluster: {} } }, state)).toEqual([
      '--cluster',
      'default',
      'node1',
    ]);
  });

  it('is not what the line says itself, nor what that rules out', () => {
    const line = ['a', '--node=1', '--token', 'kvc1.c.'];
    expect(withShellFlags(line, data, state)).toEqual(['--cluster', 'default', ...line]);
    const all = ['a', '--all-nodes'];
    expect(withShellFlags(all, data, state)).toEqual(['--cluster', 'default', ...all]);
    const other = ['a', '--cluster', 'other'];
    expect(withShellFlags(other, data, state)).toEqual(other);
  });

  it('is added where a value looks like a flag', () => {
    expect(withShellFlags(['a', '--', '--node'], data, state)).toContain('node2');
  });
});

describe('the prompt', () => {
  it('shows node and session', () => {
    expect(promptText(state, plainPaint)).toBe('node2> ');
    expect(promptText({ ...state, session: named }, plainPaint)).toBe('node2 alice> ');
    expect(promptText({ ...state, session: none }, plainPaint)).toBe('node2 (no session)> ');
  });
});
