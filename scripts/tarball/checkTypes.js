import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** What an application may have chosen, and what must not matter to it. */
const choices = [ts.ModuleResolutionKind.NodeNext, ts.ModuleResolutionKind.Bundler].flatMap(
  (moduleResolution) =>
    [true, false].map((exactOptionalPropertyTypes) => ({ moduleResolution, exactOptionalPropertyTypes })),
);

/**
 * Checks a program and the types of the package that it imports, by the compiler of this repository: the project has none. What other
 * packages have wrong in their types is not looked at.
 * @param file - where the program is written; its JavaScript is put beside it
 */
export function checkTypes(file, text) {
  writeFileSync(file, text);
  for (const [index, choice] of choices.entries()) compile(file, choice, index === 0);
  return choices.length;
}

function compile(file, choice, isEmitted) {
  const isBundler = choice.moduleResolution === ts.ModuleResolutionKind.Bundler;
  const types = dirname(createRequire(import.meta.url).resolve('@types/node/package.json'));
  const compiled = ts.createProgram([file], {
    ...choice,
    module: isBundler ? ts.ModuleKind.ESNext : ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    strict: true,
    skipLibCheck: false,
    esModuleInterop: true,
    types: ['node'],
    typeRoots: [join(types, '..')],
    noEmit: !isEmitted,
  });
  const wrong = ts.getPreEmitDiagnostics(compiled).filter((each) => isOurs(each, file));
  if (wrong.length > 0) throw new Error(`${JSON.stringify(choice)}\n${ts.formatDiagnostics(wrong, host)}`);
  if (isEmitted) compiled.emit();
}

function isOurs(diagnostic, file) {
  const path = diagnostic.file?.fileName;
  return path === undefined || path === file || path.includes('/node_modules/kvc/');
}

const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
};
