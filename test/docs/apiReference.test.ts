import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Application,
  ReflectionKind,
  type DeclarationReflection,
  type ProjectReflection,
  type SignatureReflection,
} from 'typedoc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const committed = path.resolve('docs/api');

/** What cannot fail. */
const neverThrows = [
  /^kvc\.(isErrorCode|KvcError\.\w+|KvcClient\.batch)$/,
  /\.(close|disconnect|\[asyncDispose\])$/,
  /^kvc\/testing\.(recordHistory|RecordedHistory\.(operations|write))$/,
  /^kvc\/keyv\.KvcKeyv\.constructor$/,
  /^kvc\/unstorage\.kvcDriver$/,
];

/** Shapes whose fields are explained elsewhere: docs/http-api.md, docs/checking.md and docs/limits.md. */
const explainedElsewhere =
  /Json$|^(Operation|Read|Returned|Write|Report|LevelVerdict|Anomaly|WitnessEdge|Coverage|NodeLimits)$/;

let generated: string;
let project: ProjectReflection;

beforeAll(async () => {
  generated = await mkdtemp(path.join(tmpdir(), 'kvc-api-'));
  const app = await Application.bootstrapWithPlugins({ out: generated, logLevel: 'Error' });
  const converted = await app.convert();
  if (converted === undefined) throw new Error('typedoc understands nothing of it');
  project = converted;
  app.validate(project);
  expect(app.logger.warningCount, 'npm run docs tells what typedoc misses').toBe(0);
  await app.generateOutputs(project);
});
afterAll(() => rm(generated, { recursive: true, force: true }));

/** Every function and method that programs call, by its full name; those of a codec are called by the library. */
function callables(): [string, SignatureReflection][] {
  return project
    .getReflectionsByKind(ReflectionKind.CallSignature | ReflectionKind.ConstructorSignature)
    .filter((signature): signature is SignatureReflection => signature.isSignature())
    .filter(({ parent }) => parent.kindOf(callableKinds) && !parent.flags.isExternal)
    .filter(({ parent }) => !parent.parent?.kindOf(ReflectionKind.TypeLiteral))
    .filter(({ parent }) => parent.parent?.name !== 'Codec')
    .map((signature) => [signature.parent.getFullName(), signature]);
}

const callableKinds = [ReflectionKind.Function, ReflectionKind.Method, ReflectionKind.Constructor];

function without(tag: `@${string}`): string[] {
  const missing = callables().filter(([, { comment }]) => comment?.getTag(tag) === undefined);
  return [...new Set(missing.map(([name]) => name))];
}

/** Fields of what programs give to the library and get from it. */
function fields(): DeclarationReflection[] {
  return project
    .getReflectionsByKind(ReflectionKind.Property)
    .filter((each): each is DeclarationReflection => each.isDeclaration())
    .filter(({ parent }) => parent?.kindOf([ReflectionKind.Interface, ReflectionKind.Class]) === true)
    .filter(({ parent }) => !explainedElsewhere.test(parent?.name ?? ''));
}

async function contentOf(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.md')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(dir, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index]!]));
}

describe('the API reference', () => {
  it('is about all that can be imported', () => {
    expect(project.children?.map(({ name }) => name).sort()).toEqual([
      'kvc',
      'kvc/keyv',
      'kvc/testing',
      'kvc/unstorage',
    ]);
    expect(callables().length).toBeGreaterThan(50);
  });

  it('has an example of every function and method', () => {
    expect(without('@example')).toEqual([]);
  });

  it('says of every function and method how it fails', () => {
    expect(without('@throws').filter((name) => !neverThrows.some((each) => each.test(name)))).toEqual([]);
  });

  it('explains every field of the library', () => {
    const silent = fields().filter(({ comment }) => comment === undefined);
    expect(silent.map((field) => field.getFullName())).toEqual([]);
  });

  it('is the committed one: `npm run docs` writes it', async () => {
    expect(await contentOf(generated)).toEqual(await contentOf(committed));
  });
});
