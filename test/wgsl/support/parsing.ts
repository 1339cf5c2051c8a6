/** Short ways to put a piece of WGSL into a whole text, and to look at what comes out. */
import type { Expression, FunctionDeclaration, Module, Statement } from '../../../src/wgsl/ast.js';
import { WgslError } from '../../../src/wgsl/error.js';
import { parseWgsl } from '../../../src/wgsl/parse.js';

/** Buffers and variables that snippets can use; one line, so that a snippet's own lines begin at 2. */
const HEAD =
  'enable f16; enable subgroups; @group(0) @binding(0) var<storage, read_write> o: array<f32>; ' +
  '@group(0) @binding(1) var<storage, read> u: array<u32>; var<workgroup> w: array<f32, 4>; var<workgroup> counter: atomic<u32>;';
const VARIABLES = 'var x = o[0]; var y = u[0]; var z = i32(y); var v = vec4f(x); var b = x > 1;';

/** Statements of `main`, from line 2 on. */
export const inMain = (statements: string): string =>
  `${HEAD} @compute @workgroup_size(1) fn main() { ${VARIABLES}\n${statements}\n}`;

/** Declarations, from line 1 on. */
export const inModule = (declarations: string): string => `${declarations}\n@compute @workgroup_size(1) fn main() {}`;

export const parseMain = (statements: string): readonly Statement[] =>
  // Five statements declare the variables.
  parseWgsl(inMain(statements)).main.body.slice(5);

export const parseModule = (declarations: string): Module => parseWgsl(inModule(declarations));

export function functionOf(module: Module, name: string): FunctionDeclaration {
  const found = module.functions.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}

/** The tree of an expression, as the value of a `let`. */
export function expressionOf(text: string): Expression {
  const [statement] = parseMain(`let value_ = ${text};`);
  if (statement.kind !== 'let') throw new Error(`${text} gave ${statement.kind}`);
  return statement.initial;
}

/** What a const-expression comes to: its type, and its number or numbers. */
export function valuesOf(expression: Expression): readonly number[] {
  if (expression.kind === 'literal') return [expression.value];
  if (expression.kind !== 'construct') throw new Error(`${expression.kind} is no constant`);
  const { type, arguments: parts } = expression;
  const values = parts.flatMap(valuesOf);
  if (type.kind !== 'vector') return values;
  if (values.length === 0) return new Array<number>(type.size).fill(0);
  return values.length === 1 ? new Array<number>(type.size).fill(values[0]) : values;
}

/** The error of a text, or undefined where it is accepted; any other error passes through. */
export function refusal(code: string): WgslError | undefined {
  try {
    parseWgsl(code);
    return undefined;
  } catch (error) {
    if (error instanceof WgslError) return error;
    throw error;
  }
}
