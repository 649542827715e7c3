import { describe, expect, it } from 'vitest';
import { completeLine, type CompletionSource } from '../../../src/cli/shell/completeLine.js';

const data = { flags: { node: {}, session: {}, cluster: {} } };
const source: CompletionSource = {
  commands: {
    read: { flags: { ...data.flags, 'all-nodes': {}, siblings: {} } },
    write: data,
    restart: { flags: {} },
    hold: { flags: { both: {} } },
    'session:ls': { flags: {} },
    'session:show': { flags: {} },
  },
  names: (kind, prefix) => {
    const names = {
      key: ['user/1', 'user/2', 'visits', 'two words', "it's"],
      node: ['node1', 'node2'],
      target: prefix.startsWith('node1:') ? ['node1:node2'] : ['node1', 'node2', 'all'],
      session: ['alice'],
    };
    return Promise.resolve(names[kind]);
  },
};

async function offered(line: string): Promise<string[]> {
  const [found] = await completeLine(line, source);
  return found.map((each) => each.trimEnd());
}

describe('completion', () => {
  it('of the first word offers commands, their other names and what the shell itself has', async () => {
    expect(await offered('re')).toEqual(['read', 'restart']);
    expect(await offered('se')).toEqual(['session', 'set']);
    expect(await offered('e')).toEqual(['exit']);
    expect(await completeLine('rea', source)).toEqual([['read '], 'rea']);
  });

  it('offers keys where keys stand', async () => {
    expect(await offered('read u')).toEqual(['user/1', 'user/2']);
    expect(await offered('get user/1 vi')).toEqual(['visits']);
    expect(await offered('write user/1 v'), 'a value').toEqual([]);
    expect(await offered('write user/1 x v')).toEqual(['visits']);
  });

  it('offers no key that would have to be quoted, and nothing within quotes', async () => {
    expect(await offered('read ')).toEqual(['user/1', 'user/2', 'visits']);
    expect(await offered('read "two w')).toEqual([]);
  });

  it('offers nodes, links and sessions', async () => {
    expect(await offered('use n')).toEqual(['node1', 'node2']);
    expect(await offered('restart ')).toEqual(['node1', 'node2']);
    expect(await offered('read a --node ')).toEqual(['node1', 'node2']);
    expect(await offered('hold a')).toEqual(['all']);
    expect(await offered('hold node1:')).toEqual(['node1:node2']);
    expect(await offered('read a --session al')).toEqual(['alice']);
    expect(await offered('session ')).toEqual(['alice', 'ls', 'new', 'off', 'show']);
  });

  it('offers the flags of the command', async () => {
    expect(await offered('read a --s')).toEqual(['--session', '--siblings']);
    expect(await offered('hold node1 -')).toEqual(['--both']);
    expect(await offered('nonsense -')).toEqual([]);
  });
});
