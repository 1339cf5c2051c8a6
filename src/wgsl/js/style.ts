/** The two ways to write a kernel as JavaScript: as it is (here), or with checks (sanitize/). */
import type { BinaryOp, Memory, ScalarValueType, UnaryOp } from '../ir.js';
import { binaryText, unaryText } from './operations.js';

/** Where a text is taken from: the line of WGSL, 0 if unknown. */
export interface Style {
  /** One word of memory as a scalar. Private memory: `index` counts within the invocation's own words. */
  load(memory: Memory, type: ScalarValueType, index: string, line: number): string;
  /** An expression that stores a scalar. */
  store(memory: Memory, type: ScalarValueType, index: string, value: string, line: number): string;
  unary(op: UnaryOp, type: ScalarValueType, a: string, line: number): string;
  /** `type`: of the operands. */
  binary(op: BinaryOp, type: ScalarValueType, a: string, b: string, line: number): string;
  /** Variables and functions that the texts use; asked for when everything is written. */
  prelude(): string;
  /** Statements that are run before each dispatch. */
  bind(): string;
}

/** `b0`, `w3`, `p1`: what the memory's views are called, before f, i and u. */
export function memoryName(memory: Memory): string {
  if (memory.kind === 'binding') return `b${memory.index}`;
  return `${memory.kind === 'workgroup' ? 'w' : 'p'}${memory.id}`;
}

const VIEW = { f32: 'f', i32: 'i', u32: 'u', bool: 'u' } as const;
export const viewName = (memory: Memory, type: ScalarValueType): string => memoryName(memory) + VIEW[type];

/** The word within the slab that holds all invocations' private words. */
export const privateIndex = (memory: Memory & { kind: 'private' }, width: number, index: string): string =>
  `(li * ${memory.words * width} + ${index})`;

/**
 * Exactly what the middle form says. A load outside gives 0, for packed loads may read past the end; a store outside throws.
 */
export class PlainStyle implements Style {
  constructor(private readonly width: number) {}

  load(memory: Memory, type: ScalarValueType, index: string): string {
    const at = memory.kind === 'private' ? privateIndex(memory, this.width, index) : index;
    const word = `(${viewName(memory, type)}[${at}] ?? 0)`;
    return type === 'bool' ? `(${word} !== 0)` : word;
  }

  store(memory: Memory, type: ScalarValueType, index: string, value: string, line: number): string {
    const at = memory.kind === 'private' ? privateIndex(memory, this.width, index) : index;
    const word = type === 'bool' ? `(${value} ? 1 : 0)` : value;
    return `put(${viewName(memory, type)}, ${at}, ${word}, ${JSON.stringify(memory.name)}, ${line})`;
  }

  unary(op: UnaryOp, type: ScalarValueType, a: string): string {
    return unaryText(op, type, a);
  }

  binary(op: BinaryOp, type: ScalarValueType, a: string, b: string): string {
    return binaryText(op, type, a, b);
  }

  prelude(): string {
    return `function put(view, at, value, name, line) {
  if (!(at < view.length)) throw new RangeError('Line ' + line + ': store to ' + name + '[' + at + '], which has ' + view.length + ' words.');
  view[at] = value;
}
`;
  }

  bind(): string {
    return '';
  }
}
