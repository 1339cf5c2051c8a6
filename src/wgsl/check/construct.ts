/** Value constructors: `vec4<f32>(…)`, `u32(…)`, `array(…)`, `Segment(…)`. */
import type { Place } from '../error.js';
import type { Type } from '../types.js';
import {
  areConstant,
  castConstant,
  composite,
  convert,
  isConstant,
  materialize,
  partCount,
  partType,
  partsOf,
  zero,
  type Constant,
  type Operand,
} from './constant.js';
import { fail, unsupported } from './fault.js';
import { MOST_BYTES, sizeOf } from './layout.js';
import {
  ABSTRACT_FLOAT,
  ABSTRACT_INT,
  commonScalar,
  concreteType,
  elementOf,
  isConstructible,
  isFloat,
  nameOf,
  vector,
  withElement,
  type AnyMatrix,
  type AnyScalar,
  type AnyType,
  type AnyVector,
} from './types.js';

/** The longest list of elements that WGSL asks of an implementation. */
const MOST_ELEMENTS = 2047;

export function construct(type: Type, args: readonly Operand[], at: Place): Operand {
  if (!isConstructible(type)) fail(`a value of type ${nameOf(type)} cannot be made`, at);
  if (sizeOf(type) > MOST_BYTES) unsupported(`values of more than ${MOST_BYTES} bytes are`, at);
  if (args.length === 0) return zero(type, at);
  switch (type.kind) {
    case 'scalar':
      if (args.length === 1 && args[0].type.kind === 'scalar') return cast(type, args[0], at);
      return refuse(type, args, 'one scalar', at);
    case 'vector':
      return constructVector(type, args, at);
    case 'matrix':
      return constructMatrix(type, args, at);
    default:
      return constructParts(type, args, at);
  }
}

/** `vec3(…)`, without an element type. */
export function constructVectorOf(size: 2 | 3 | 4, args: readonly Operand[], at: Place): Operand {
  if (args.length === 0) return zero(vector(size, ABSTRACT_INT), at);
  const element = commonElement(args, `vec${size}`, at);
  return constructVector(vector(size, element), args, at);
}

/** `mat2x2(…)`, without an element type. */
export function constructMatrixOf(columns: 2 | 3 | 4, rows: 2 | 3 | 4, args: readonly Operand[], at: Place): Operand {
  const element = commonElement(args, `mat${columns}x${rows}`, at);
  return constructMatrix({ kind: 'matrix', columns, rows, element }, args, at);
}

/** `array(…)`: the element is the type that all arguments convert to. */
export function constructArrayOf(args: readonly Operand[], at: Place): Operand {
  if (args.length === 0) fail('array() needs elements, or a type as in array<f32, 4>()', at);
  let element = args[0].type;
  for (const arg of args) {
    if (convert(arg, element)) continue;
    const scalar = elementOf(element);
    const other = elementOf(arg.type);
    const common = scalar && other && commonScalar(scalar, other);
    if (common) element = withElement(element, common);
    if (!common || !convert(arg, element)) {
      fail(
        `array(…) takes elements of one type, but ${nameOf(args[0].type)} and ${nameOf(arg.type)} were found`,
        arg.at,
      );
    }
  }
  if (!isConstructible(element)) fail(`an array value has no elements of type ${nameOf(element)}`, at);
  return constructParts({ kind: 'array', element, count: args.length }, args, at);
}

function refuse(type: AnyType, args: readonly Operand[], takes: string, at: Place): never {
  fail(`${nameOf(type)}(…) takes ${takes}, but (${args.map((arg) => nameOf(arg.type)).join(', ')}) was found`, at);
}

function commonElement(args: readonly Operand[], what: string, at: Place): AnyScalar {
  let element: AnyScalar | undefined;
  for (const arg of args) {
    const next = elementOf(arg.type);
    element = next && (element ? commonScalar(element, next) : next);
    if (!element) {
      fail(`${what}(…) takes numbers of one type, but (${args.map((a) => nameOf(a.type)).join(', ')}) was found`, at);
    }
  }
  if (!element) fail(`${what}() needs arguments, or a type as in ${what}<f32>()`, at);
  return element;
}

/** A scalar, vector or matrix by explicit conversion. */
function cast(type: AnyType, operand: Operand, at: Place): Operand {
  if (isConstant(operand)) return { ...castConstant(operand, type), at };
  return { kind: 'convert', type: concreteType(type), at, operand };
}

function constructVector(type: AnyVector, args: readonly Operand[], at: Place): Operand {
  const first = args[0];
  if (args.length === 1) {
    if (first.type.kind === 'vector' && first.type.size === type.size) return cast(type, first, at);
    const scalar = first.type.kind === 'scalar' ? convert(first, type.element) : undefined;
    if (!scalar) return refuse(type, args, `one ${type.element.name}, a vector of ${type.size}, or components`, at);
    if (!isConstant(scalar)) return build(type, args, at);
    return composite(type, new Array<Constant>(type.size).fill(scalar), at);
  }
  let components = 0;
  const parts: readonly Operand[] = args.map((arg) => {
    const shaped = arg.type.kind === 'scalar' || arg.type.kind === 'vector';
    const part = shaped ? convert(arg, withElement(arg.type, type.element)) : undefined;
    if (!part) return refuse(type, args, `components of type ${type.element.name}`, at);
    components += part.type.kind === 'vector' ? part.type.size : 1;
    return part;
  });
  if (components !== type.size) return refuse(type, args, `${type.size} components`, at);
  if (!areConstant(parts)) return build(type, parts, at);
  const scalars = parts.flatMap((part): readonly Constant[] => (part.type.kind === 'vector' ? partsOf(part) : [part]));
  return composite(type, scalars, at);
}

function constructMatrix(given: AnyMatrix, args: readonly Operand[], at: Place): Operand {
  const { columns, rows } = given;
  const element = given.element === ABSTRACT_INT ? ABSTRACT_FLOAT : given.element;
  const type: AnyMatrix = { kind: 'matrix', columns, rows, element };
  const takes = `${columns} columns, ${columns * rows} numbers or a matrix`;
  if (!isFloat(element)) return refuse(type, args, takes, at);
  const first = args[0].type;
  if (args.length === 1 && first.kind === 'matrix' && first.columns === columns && first.rows === rows) {
    return cast(type, args[0], at);
  }
  const part = args.length === columns ? vector(rows, element) : element;
  if (args.length !== columns && args.length !== columns * rows) return refuse(type, args, takes, at);
  const parts: readonly Operand[] = args.map((arg) => convert(arg, part) ?? refuse(type, args, takes, at));
  if (!areConstant(parts)) return build(type, parts, at);
  if (part.kind === 'vector') return composite(type, parts, at);
  const column = (c: number): Constant => composite(vector(rows, element), parts.slice(c * rows, (c + 1) * rows), at);
  return composite(
    type,
    Array.from({ length: columns }, (_, c) => column(c)),
    at,
  );
}

/** Arrays and structs: one argument for each part. */
function constructParts(type: AnyType, args: readonly Operand[], at: Place): Operand {
  const count = partCount(type);
  if (args.length !== count) fail(`${nameOf(type)}(…) takes ${count} values, but ${args.length} were found`, at);
  if (type.kind === 'array' && count > MOST_ELEMENTS)
    unsupported(`array values of more than ${MOST_ELEMENTS} elements are`, at);
  const parts: readonly Operand[] = args.map((arg, i) => {
    const part = partType(type, i);
    const converted = convert(arg, part);
    if (!converted) fail(`${partName(type, i)} is ${nameOf(part)}, but ${nameOf(arg.type)} was found`, arg.at);
    return converted;
  });
  return areConstant(parts) ? composite(type, parts, at) : build(type, parts, at);
}

const partName = (type: AnyType, i: number): string =>
  type.kind === 'struct' ? `${type.name}.${type.members[i].name}` : `element ${i} of ${nameOf(type)}`;

/** What is computed at run time. An argument of that kind has made the type concrete. */
const build = (type: AnyType, parts: readonly Operand[], at: Place): Operand => ({
  kind: 'construct',
  type: concreteType(type),
  at,
  arguments: parts.map(materialize),
});
