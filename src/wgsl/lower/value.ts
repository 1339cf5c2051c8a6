/**
 * Values taken apart: a scalar is an expression, and so is a vec4 where fours are packed; other vectors, matrices (by columns), arrays and
 * structs are lists of such, one for each component, column, element or member.
 */
import { constant, packedType, read } from '../build.js';
import type { Place } from '../error.js';
import type { Expr, Local, ValueType } from '../ir.js';
import type { Type } from '../types.js';
import { vectorOf } from '../types.js';
import { scalarValueType } from './layout.js';

type Tree<Leaf> = Leaf | readonly Tree<Leaf>[];
export type Lowered = Tree<Expr>;
export type Locals = Tree<Local>;
type Shape = Tree<ValueType>;

export const isLeaf = <Leaf>(tree: Tree<Leaf>): tree is Leaf => !Array.isArray(tree);

export function mapLeaves<A, B>(tree: Tree<A>, f: (leaf: A) => B): Tree<B> {
  return isLeaf(tree) ? f(tree) : tree.map((part) => mapLeaves(part, f));
}

/** Both trees have one form, but a leaf goes with every leaf of the other. */
export function zipLeaves<A, B, C>(a: Tree<A>, b: Tree<B>, f: (a: A, b: B) => C): Tree<C> {
  if (isLeaf(a)) return isLeaf(b) ? f(a, b) : b.map((part) => zipLeaves(a, part, f));
  return a.map((part, i) => zipLeaves(part, isLeaf(b) ? b : b[i], f));
}

export function forEachPair<A, B>(a: Tree<A>, b: Tree<B>, f: (a: A, b: B) => void): void {
  if (isLeaf(a)) f(a, b as B);
  else a.forEach((part, i) => forEachPair(part, (b as readonly Tree<B>[])[i], f));
}

/** The parts of a composite that is not packed. */
export function partsOf<Leaf>(tree: Tree<Leaf>): readonly Tree<Leaf>[] {
  if (isLeaf(tree)) throw new Error('A scalar or packed value has no parts.');
  return tree;
}

export function leafOf<Leaf>(tree: Tree<Leaf>): Leaf {
  if (!isLeaf(tree)) throw new Error('A composite value stands where a scalar or packed one is expected.');
  return tree;
}

/** Types of the parts of a type: the columns of a matrix, the elements of an array, … */
export function partType(type: Type, index: number): Type {
  switch (type.kind) {
    case 'vector':
      return type.element;
    case 'matrix':
      return vectorOf(type.rows, type.element);
    case 'array':
      return type.element;
    case 'struct':
      return type.members[index].type;
    default:
      throw new Error(`A ${type.kind} has no parts.`);
  }
}

export const partCount = (type: Type): number =>
  type.kind === 'vector'
    ? type.size
    : type.kind === 'matrix'
      ? type.columns
      : type.kind === 'array'
        ? (type.count ?? 0)
        : type.kind === 'struct'
          ? type.members.length
          : 0;

export const isPackedVector = (type: Type, packed: boolean): boolean =>
  packed && type.kind === 'vector' && type.size === 4;

export function shapeOf(type: Type, packed: boolean, at: Place): Shape {
  if (type.kind === 'scalar') return scalarValueType(type, at);
  if (type.kind === 'vector' && isPackedVector(type, packed)) return packedType(scalarValueType(type.element, at));
  return Array.from({ length: partCount(type) }, (_, i) => shapeOf(partType(type, i), packed, at));
}

export const zeroOf = (shape: Shape): Lowered => mapLeaves(shape, (type) => constant(type, 0));
export const readAll = (locals: Locals): Lowered => mapLeaves(locals, read);
