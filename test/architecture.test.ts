import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * The map in code: the rooms of src, and what each may import. Imports go one way, from what people touch down to what is
 * pure. A room is a folder of src, or a file at its top.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  // It judges the system from outside, and must not share a mistake with it.
  check: ['errors'],
  core: ['errors'],
  protocol: ['core', 'errors'],
  storage: ['protocol', 'core', 'errors'],
  transport: ['protocol', 'core', 'errors'],
  driver: ['storage', 'transport', 'protocol', 'core', 'errors'],
  node: ['driver', 'storage', 'transport', 'protocol', 'core', 'errors'],
  // Never node: what is driven gets its surroundings by the seams of the driver.
  simulate: ['driver', 'storage', 'transport', 'protocol', 'core', 'check', 'errors'],
  client: ['protocol', 'core', 'errors'],
  // Never node: node processes are started by path, so that no supervisor loads what only a node needs.
  cluster: ['client', 'protocol', 'core', 'errors'],
  view: [
    'cluster/controlApi',
    'simulate/report',
    'simulate/happenings',
    'check',
    'protocol',
    'core',
    'errors',
  ],
  // What people write for nodes, links, times and shares: commands and other people's tests take the same.
  notation: ['cluster/controlApi', 'view', 'protocol', 'core', 'errors'],
  // The one room that may have nodes in its own process: they are what other people's tests start.
  testing: [
    'node',
    'driver',
    'transport',
    'notation',
    'cluster',
    'client',
    'view',
    'check',
    'protocol',
    'core',
    'errors',
  ],
  // What makes load, and what it came to. Never cluster: the benchmark of this repository loads whatever it has started itself.
  load: ['client', 'view', 'protocol', 'core', 'errors'],
  demo: ['cluster', 'client', 'view', 'protocol', 'core', 'errors'],
  // Never node, core's replica or transport: it breaks a cluster and looks at it from outside.
  torture: ['cluster', 'client', 'check', 'view', 'protocol', 'core', 'errors'],
  cli: ['notation', 'load', 'cluster', 'client', 'view', 'check', 'protocol', 'core', 'errors'],
  hooks: ['cli', 'errors'],
  commands: [
    'cli',
    'notation',
    'demo',
    'simulate',
    'torture',
    'load',
    'cluster',
    'client',
    'view',
    'check',
    'protocol',
    'core',
    'errors',
  ],
  // Adapters for other people's interfaces: made of what any application can use, and of what they share (client/plugs).
  keyv: ['client', 'errors'],
  unstorage: ['client', 'errors'],
  index: ['cluster', 'client', 'check', 'protocol', 'core', 'errors'],
};

interface Import {
  readonly from: string;
  /** A file of src without its ending, or the name of a package. */
  readonly to: string;
  readonly isLocal: boolean;
}

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(sep, '/').replace(/\.ts$/, ''));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, `${file}.ts`), 'utf8');
  return ts.preProcessFile(text).importedFiles.map(({ fileName }): Import => {
    if (!fileName.startsWith('.')) return { from: file, to: fileName, isLocal: false };
    const to = relative(src, join(src, dirname(file), fileName)).replaceAll(sep, '/');
    return { from: file, to: to.replace(/\.js$/, ''), isLocal: true };
  });
}

function roomOf(file: string): string {
  return file.split(posix.sep)[0] ?? file;
}

function mayImport({ from, to, isLocal }: Import): boolean {
  if (!isLocal) return roomOf(from) !== 'core';
  return (
    roomOf(to) === roomOf(from) || [to, roomOf(to)].some((target) => rooms[roomOf(from)]?.includes(target))
  );
}

/** The files of one import cycle, if there is any. */
function findCycle(): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of imports.filter((each) => each.isLocal && each.from === file)) {
      const cycle = visit(to, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  return files.map((file) => visit(file, [])).find((cycle) => cycle.length > 0) ?? [];
}

describe('the architecture', () => {
  it('gives every source file a room', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => rooms[roomOf(file)] === undefined)).toEqual([]);
  });

  it('lets imports go one way, and nothing but itself into the core', () => {
    const wrong = imports.filter((each) => !mayImport(each)).map(({ from, to }) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it('has no cycle of files', () => {
    expect(findCycle()).toEqual([]);
  });
});
