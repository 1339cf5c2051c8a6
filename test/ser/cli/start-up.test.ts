import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../../src');

/** What a file loads at once: imports and re-exports that are not of types alone. Dynamic imports come later. */
function loadedBy(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  return source.statements.flatMap((statement) => {
    const typeOnly =
      (ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly) ||
      (ts.isExportDeclaration(statement) && statement.isTypeOnly);
    if (typeOnly || !(ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))) return [];
    const { moduleSpecifier } = statement;
    return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [];
  });
}

test('formant --help loads neither the GPU, nor models, nor charts', () => {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const name of loadedBy(file)) {
      if (name.startsWith('.')) visit(join(dirname(file), name.replace(/\.js$/, '.ts')));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  };
  visit(join(SRC, 'cli.ts'));
  expect([...packages]).toEqual(['commander']);
  const rooms = new Set(
    [...files].map((file) => relative(SRC, file).split('/')).map(([room, part]) => (room === 'ser' ? part : room)),
  );
  for (const room of ['tensor', 'kernels', 'nn', 'dsp', 'models', 'features', 'report', 'run'])
    expect(rooms).not.toContain(room);
});
