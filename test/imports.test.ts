import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** The rooms each room may import from, besides itself: everything further down the one-way street. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  wgsl: [],
  device: ['wgsl'],
  kernels: ['device', 'wgsl'],
  tensor: ['kernels', 'device', 'wgsl'],
  io: ['tensor', 'kernels', 'device', 'wgsl'],
  nn: ['tensor', 'kernels', 'device', 'wgsl'],
  dsp: ['tensor', 'kernels', 'device', 'wgsl'],
  ser: ['dsp', 'nn', 'io', 'tensor', 'kernels', 'device', 'wgsl'],
};

type Graph = ReadonlyMap<string, readonly string[]>;

interface Import {
  readonly target: string;
  /** Gone at run time (`verbatimModuleSyntax` erases whole `import type` declarations and nothing else). */
  readonly typeOnly: boolean;
}

/** Every relative import, re-export and dynamic import of a source text. */
function parseImports(text: string, file: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    let specifier: ts.Node | undefined;
    let typeOnly = false;
    if (ts.isImportDeclaration(node)) {
      specifier = node.moduleSpecifier;
      typeOnly = node.importClause?.isTypeOnly ?? false;
    } else if (ts.isExportDeclaration(node)) {
      specifier = node.moduleSpecifier;
      typeOnly = node.isTypeOnly;
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      specifier = node.arguments[0];
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      specifier = node.argument.literal;
      typeOnly = true;
    }
    if (specifier && ts.isStringLiteralLike(specifier) && specifier.text.startsWith('.')) {
      const target = posix.join(posix.dirname(file), specifier.text).replace(/\.js$/, '.ts');
      found.push({ target, typeOnly });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  return found;
}

const importsOf = (text: string, file: string): string[] => parseImports(text, file).map((i) => i.target);

/** A cycle of types alone does no harm: only what exists at run time decides. */
const runtimeImportsOf = (text: string, file: string): string[] =>
  parseImports(text, file)
    .filter((i) => !i.typeOnly)
    .map((i) => i.target);

/** Imports that the street does not allow. Files directly in src/ (index.ts, cli.ts) stand above all rooms. */
function upward(graph: Graph): string[] {
  const wrong: string[] = [];
  for (const [file, imports] of graph) {
    const room = roomOf(file);
    if (room === undefined) continue;
    const allowed = BELOW[room];
    if (!allowed) wrong.push(`${file}: the room '${room}' is not in the order`);
    for (const target of imports) {
      const other = roomOf(target);
      if (other !== room && !(other !== undefined && allowed?.includes(other))) wrong.push(`${file} imports ${target}`);
    }
  }
  return wrong;
}

/** One cycle as a path that ends where it began, or undefined. */
function findCycle(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (done.has(file)) return undefined;
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

const roomOf = (file: string): string | undefined => (file.includes('/') ? file.split('/')[0] : undefined);

function readSources(parse: (text: string, file: string) => string[]): Graph {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return new Map(files.map((file) => [file, parse(readFileSync(join(SRC, file), 'utf8'), file)]));
}

describe('the house', () => {
  const graph = readSources(importsOf);

  test('was found, and its imports lead to files that exist', () => {
    expect(graph.size).toBeGreaterThan(10);
    const missing = [...graph].flatMap(([file, imports]) =>
      imports.filter((target) => !graph.has(target)).map((target) => `${file} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });

  test('has no import against the direction ser → dsp, nn, io → tensor → kernels → device → wgsl', () => {
    expect(upward(graph)).toEqual([]);
  });

  test('has no cycle of imports between files', () => {
    expect(findCycle(readSources(runtimeImportsOf))).toBeUndefined();
  });
});

describe('the rule itself', () => {
  const parsed = (file: string, text: string): Graph => new Map([[file, importsOf(text, file)]]);

  test.each([
    ['an upward import', 'device/a.ts', "import { x } from '../kernels/b.js';"],
    ['a type-only upward import', 'kernels/a.ts', "import type { X } from '../tensor/b.js';"],
    ['a re-export', 'tensor/a.ts', "export * from '../nn/b.js';"],
    ['a dynamic import', 'device/deep/a.ts', "await import('../../ser/b.js');"],
    ['an inline type import', 'device/a.ts', "let x: import('../io/b.js').X;"],
    ['a neighbour on the same level', 'dsp/a.ts', "import '../io/b.js';"],
    ['a file above the rooms', 'ser/a.ts', "import { x } from '../index.js';"],
    ['an unknown room', 'attic/a.ts', ''],
  ])('refuses %s', (_name, file, text) => {
    expect(upward(parsed(file, text))).toHaveLength(1);
  });

  test('allows imports downward, inside a room, of packages, and everything to index.ts', () => {
    const text = "import '../device/a.js'; import './b.js'; import 'node:fs'; import '../wgsl/c.js';";
    expect(upward(parsed('ser/a.ts', text))).toEqual([]);
    expect(upward(parsed('index.ts', "export * from './ser/a.js';"))).toEqual([]);
  });

  test('finds a cycle and names its files', () => {
    const graph: Graph = new Map([
      ['a.ts', ['b.ts', 'd.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['b.ts']],
      ['d.ts', []],
    ]);
    expect(findCycle(graph)).toEqual(['b.ts', 'c.ts', 'b.ts']);
    expect(
      findCycle(
        new Map([
          ['a.ts', ['b.ts']],
          ['b.ts', []],
        ]),
      ),
    ).toBeUndefined();
  });

  test('counts only run-time imports towards cycles', () => {
    expect(runtimeImportsOf("import type { A } from './b.js'; import { c } from './c.js'; c();", 'a.ts')).toEqual([
      'c.ts',
    ]);
  });
});
