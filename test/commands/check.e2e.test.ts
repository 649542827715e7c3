import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.js';

const consistent = [
  '{"session":"alice","type":"write","key":"photo","value":"beach","wid":"n1:1","status":"ok"}',
  '{"session":"alice","type":"write","key":"album","value":"summer","wid":"n1:2","status":"ok"}',
  '{"session":"bob","type":"read","key":"album","value":"summer","wid":"n1:2","status":"ok"}',
  '{"session":"bob","type":"read","key":"photo","value":"beach","wid":"n1:1","status":"ok"}',
].join('\n');
const violation = consistent
  .replace('"value":"beach","wid":"n1:1","status":"ok"}\n', '"value":"beach","status":"ok"}\n')
  .replace(/"value":"beach","wid":"n1:1"/, '"value":null');
const unknown = ['write', 'write', 'read']
  .map((type, index) => `{"session":"s${index}","type":"${type}","key":"a","value":1,"status":"ok"}`)
  .join('\n');

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
  await save('consistent.ndjson', consistent);
  await save('violation.ndjson', violation);
});

afterAll(() => cli.close());

function at(name: string): string {
  return join(cli.home, name);
}

async function save(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(at(name), content);
  return at(name);
}

describe('kvc check', () => {
  it('is run from source', () => {
    expect(cli.sourceOf('check')?.join('/')).toMatch(/commands\/check\.ts$/);
  });

  it('exits 0 for a consistent history, and says that so short a one proves little', async () => {
    const { exitCode, stdout, stderr } = await cli.run('check', at('consistent.ndjson'));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^consistent {2}\S+consistent\.ndjson: 4 operations of 2 sessions\n/);
    expect(stdout).toMatch(/^CCv +consistent$/m);
    expect(stdout).toContain('This history proves little');
  });

  it('exits 10 for a violation, with its pattern, its operations and their diagram', async () => {
    const { exitCode, stdout } = await cli.run('check', at('violation.ndjson'));
    expect(exitCode).toBe(10);
    expect(stdout).toMatch(/^violation {2}/);
    expect(stdout).toMatch(/^CC +violation +WriteCOInitRead$/m);
    expect(stdout).toMatch(/4 {2}bob {4}line 4 {2}photo → \(none\)/);
    expect(stdout).toContain('4 should have returned what 1 wrote, or something later');
    expect(stdout).toContain('╰┄┄┄▶○ photo → (none)');
  });

  it('exits 11 where it cannot tell', async () => {
    const { exitCode, stdout } = await cli.run('check', await save('unknown.ndjson', unknown));
    expect(exitCode).toBe(11);
    expect(stdout).toMatch(/^unknown {2}/);
    expect(stdout).toMatch(
      /^read-your-writes +unknown +1 read returned a value that was written more than once/m,
    );
    expect(stdout).toMatch(/^CC +unknown +as above$/m);
  });

  it('prints one JSON document, whose witness is a history itself', async () => {
    const document = await cli.json('check', at('violation.ndjson'));
    expect(document).toMatchObject({
      file: at('violation.ndjson'),
      format: 'ndjson',
      notes: [],
      verdict: 'violation',
      coverage: { operations: 4, reads: 2 },
    });
    const levels = document['levels'] as { level: string; anomaly?: { witness: { lines: object[] } } }[];
    const lines = levels.find(({ level }) => level === 'CC')?.anomaly?.witness.lines ?? [];
    expect(lines.map((line) => JSON.stringify(line)).join('\n')).toBe(violation);
    expect((await cli.run('check', at('violation.ndjson'), '--json')).exitCode).toBe(10);
  });

  it('reads standard input', async () => {
    const { exitCode, stdout } = await cli.spawn(['check', '-'], violation);
    expect(exitCode).toBe(10);
    expect(stdout).toMatch(/^violation {2}standard input: 4 operations/);
  });

  it('imports other formats, recognised or named, and says what it left out', async () => {
    const edn = '{:type :info :f :kill :process :nemesis}\n{:type :ok :f :write :value 1 :process 0}';
    const outcome = await cli.run('check', await save('history.edn', edn));
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toBe('Note: entries of no client, such as the nemesis, were left out: 1\n');
    const plume = await save('history.txt', 'w(1,1,0,0)\nw(1,2,0,1)\nr(1,1,0,2)\n');
    expect((await cli.run('check', plume, '--format', 'plume')).exitCode).toBe(10);
    expect((await cli.run('check', plume, '--format', 'ndjson')).stderr).toContain('line 1: not JSON');
  });

  it('draws a violation, and nothing where there is none', async () => {
    await cli.run('check', at('violation.ndjson'), '--svg', at('proof.svg'));
    expect(await readFile(at('proof.svg'), 'utf8')).toMatch(/^<svg [^]*WriteCOInitRead[^]*<\/svg>\n/);
    const { stderr } = await cli.run('check', at('consistent.ndjson'), '--svg', at('none.svg'));
    expect(stderr).toBe(`Note: no violation, so ${at('none.svg')} was not written\n`);
    await expect(stat(at('none.svg'))).rejects.toThrow('ENOENT');
  });

  it('exports what it read, and says what the other format cannot hold', async () => {
    await cli.run('check', at('violation.ndjson'), '--export', at('again.ndjson'));
    expect(await readFile(at('again.ndjson'), 'utf8')).toBe(`${violation}\n`);
    const siblings = '{"session":"s","type":"read","key":"a","values":[1,2],"status":"ok"}';
    const file = await save(
      'siblings.ndjson',
      `${siblings.replace('"read"', '"write"').replace('s":[1,2]', '":1')}\n${siblings}`,
    );
    const { stderr } = await cli.run('check', file, '--export', at('out.txt'), '--export-format', 'plume');
    expect(stderr).toBe(
      `Note: in ${at('out.txt')}, reads returned siblings; of each only the winner is written: 1\n`,
    );
    expect(await readFile(at('out.txt'), 'utf8')).toBe('w(1,1,0,0)\nr(1,1,0,1)\n');
  });
});

describe('kvc check refuses', () => {
  it.each([
    [['no-such-file'], /there is no file \S+no-such-file\n/],
    [['directory'], /\S+directory is a directory; name a file with a history\n/],
    [['empty'], /\S+empty: the history is empty/],
    [['binary'], /\S+binary: line 1: not UTF-8 text/],
    [
      ['prose'],
      /\S+prose: line 1: the text begins with "Dear all,", .*\n.*Try: --format ndjson\|elle\|plume\n/,
    ],
    [['wrong'], /\S+wrong: line 2: session must be text, received nothing\n/],
    [['consistent.ndjson', '--svg', '-'], /--svg takes a file; standard output has the verdict\n/],
    [
      ['consistent.ndjson', '--export', 'consistent.ndjson'],
      /--export would overwrite \S+consistent\.ndjson/,
    ],
    [['consistent.ndjson', '--export', 'link'], /--export would overwrite \S+consistent\.ndjson/],
    [['violation.ndjson', '--export', 'out', '--svg', 'out'], /--svg would overwrite what --export writes/],
    [
      ['consistent.ndjson', '--export', 'no/such/folder'],
      /--export: \S+ cannot be written: there is no folder/,
    ],
    [['violation.ndjson', '--svg', 'directory'], /--svg: \S+directory is a directory; name a file\n/],
    [['consistent.ndjson', '--format', 'xml'], /--format.*to be one of/i],
    [['consistent.ndjson', '--export-format', 'plume'], /--export/],
    [[], /file/],
  ])('%j, with what to do', async (args, message) => {
    await mkdir(at('directory'), { recursive: true });
    await rm(at('link'), { force: true });
    await symlink(at('consistent.ndjson'), at('link'));
    await save('empty', '');
    await save('binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0x00]));
    await save('prose', 'Dear all,');
    await save('wrong', `${consistent.split('\n')[0] ?? ''}\n{"type":"read"}`);
    const paths = args.map((arg) => (/^-|^xml$|^plume$/.test(arg) ? arg : at(arg)));
    const { exitCode, stdout, stderr } = await cli.run('check', ...paths);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^Error: [^]*\nCode: KVC_E_(USAGE|HISTORY_INVALID) \(exit 2\)/);
  });
});
