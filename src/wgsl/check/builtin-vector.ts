/** Builtin functions that look at a vector, a matrix or several types at once. */
import type { Place } from '../error.js';
import { BOOL, F16, F32, I32, U32, vectorOf, type Type } from '../types.js';
import { halfBits, halfValue } from './builtin-values.js';
import {
  areConstant,
  composite,
  convert,
  isConstant,
  mapConstant,
  materialize,
  partOf,
  partsOf,
  scalarConstant,
  type Constant,
  type Operand,
} from './constant.js';
import { evaluateBinary } from './evaluate.js';
import { evaluationFault, fail } from './fault.js';
import { represent } from './number.js';
import {
  callNode,
  commonElement,
  countArguments,
  overElement,
  refuseCall,
  unify,
  type Builtin,
  type Domain,
} from './rules.js';
import {
  concreteType,
  elementOf,
  isFloat,
  isNumber,
  nameOf,
  withElement,
  type AnyScalar,
  type AnyType,
} from './types.js';

export const FLOAT: Domain = { takes: isFloat, name: 'floating-point number' };
export const NUMBER: Domain = { takes: isNumber, name: 'number' };

const valuesOf = (constant: Constant): readonly number[] =>
  constant.type.kind === 'scalar' ? [constant.value] : partsOf(constant).map((part) => part.value);

const sumOfProducts = (a: readonly number[], b: readonly number[], element: AnyScalar, at: Place): number =>
  a.reduce((sum, x, i) => evaluateBinary('+', element, sum, evaluateBinary('*', element, x, b[i], at), at), 0);

const vectorConstant = (type: AnyType, values: readonly number[], at: Place): Constant => {
  const element = elementOf(type) ?? F32;
  const scalars = values.map((value) => scalarConstant(element, represent(value, element, at), at));
  return type.kind === 'scalar' ? scalars[0] : composite(type, scalars, at);
};

type Values = readonly (readonly number[])[];

/** A function of vectors (or scalars) of one floating-point type. */
const geometric =
  (
    arity: number,
    vectorsOnly: boolean,
    gives: 'scalar' | 'same',
    value: (args: Values) => readonly number[],
  ): Builtin =>
  (call) => {
    const args = unify(call, arity, FLOAT, vectorsOnly);
    const { type } = args[0];
    const result = gives === 'scalar' ? (elementOf(type) ?? type) : type;
    if (!areConstant(args)) return callNode(call, result, args);
    return vectorConstant(result, value(args.map(valuesOf)), call.at);
  };

const dotOf = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const lengthOf = (v: readonly number[]): number => Math.hypot(...v);
const minus = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((x, i) => x - b[i]);

const dot: Builtin = (call) => {
  const args = unify(call, 2, NUMBER, true);
  const element = elementOf(args[0].type) ?? F32;
  if (!areConstant(args)) return callNode(call, element, args);
  return scalarConstant(element, sumOfProducts(valuesOf(args[0]), valuesOf(args[1]), element, call.at), call.at);
};

const cross: Builtin = (call) => {
  const args = unify(call, 2, FLOAT, true);
  const { type } = args[0];
  if (type.kind !== 'vector' || type.size !== 3) refuseCall(call, 'two vec3 of one floating-point type');
  if (!areConstant(args)) return callNode(call, type, args);
  const [[ax, ay, az], [bx, by, bz]] = args.map(valuesOf);
  return vectorConstant(type, [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], call.at);
};

/** mix(a, b, t), where t may be one number for all components. */
const mix: Builtin = (call) => {
  countArguments(call, 3);
  const [first, , t] = call.args;
  if (first.type.kind !== 'vector' || t.type.kind !== 'scalar') {
    const args = unify(call, 3, FLOAT);
    return areConstant(args) ? mixed(args, call.at) : callNode(call, args[0].type, args);
  }
  const element = commonElement(call.args, FLOAT);
  if (!element) refuseCall(call, 'two vectors and a number of one floating-point type');
  const args = call.args.map((arg) => overElement(arg, element));
  if (args[1].type !== args[0].type) refuseCall(call, 'two vectors and a number of one floating-point type');
  return areConstant(args) ? mixed(args, call.at) : callNode(call, args[0].type, args);
};

function mixed(args: readonly Constant[], at: Place): Constant {
  const [a, b, t] = args.map(valuesOf);
  return vectorConstant(
    args[0].type,
    a.map((x, i) => x * (1 - (t[i] ?? t[0])) + b[i] * (t[i] ?? t[0])),
    at,
  );
}

/** select(no, yes, condition). */
const select: Builtin = (call) => {
  countArguments(call, 3);
  const takes = 'two scalars or vectors of one type, and a bool (or a vector of bools of that size)';
  const [no, yes, condition] = call.args;
  const element = commonElement([no, yes], { takes: () => true, name: 'scalar' });
  if (!element || no.type.kind === 'matrix' || yes.type.kind === 'matrix') refuseCall(call, takes);
  const sides = [overElement(no, element), overElement(yes, element)];
  const { type } = sides[0];
  const fits = condition.type === BOOL || (type.kind === 'vector' && condition.type === vectorOf(type.size, BOOL));
  if (sides[1].type !== type || !fits) refuseCall(call, takes);
  const args = [...sides, condition];
  if (!areConstant(args)) return callNode(call, type, args);
  if (condition.type === BOOL) return { ...args[args[2].value === 0 ? 0 : 1], at: call.at };
  const parts = partsOf(args[2]).map((part, i) => partOf(args[part.value === 0 ? 0 : 1], i));
  return composite(type, parts, call.at);
};

const quantifier =
  (value: (bools: readonly number[]) => boolean): Builtin =>
  (call) => {
    countArguments(call, 1);
    const [arg] = call.args;
    if (arg.type.kind === 'matrix' || elementOf(arg.type) !== BOOL) refuseCall(call, 'a bool or a vector of bools');
    if (isConstant(arg)) return scalarConstant(BOOL, value(valuesOf(arg)) ? 1 : 0, call.at);
    return callNode(call, BOOL, [arg]);
  };

/** ldexp(x, e) = x · 2^e. */
const ldexp: Builtin = (call) => {
  countArguments(call, 2);
  const takes = 'a floating-point number and an i32, or vectors of them';
  const element = commonElement([call.args[0]], FLOAT);
  if (!element || call.args[0].type.kind === 'matrix') refuseCall(call, takes);
  const x = overElement(call.args[0], element);
  const exponent = convert(call.args[1], withElement(x.type, I32));
  if (!exponent) refuseCall(call, takes);
  if (isConstant(exponent)) {
    const most = element === F16 ? 16 : element === F32 ? 128 : 1024;
    const tooLarge = valuesOf(exponent).find((e) => e > most);
    if (tooLarge !== undefined)
      evaluationFault(`ldexp() takes an exponent of at most ${most}, but ${tooLarge} was found`, call.at);
    if (isConstant(x)) {
      const exponents = valuesOf(exponent);
      // In two steps: 2^1024 alone is past the range.
      const values = valuesOf(x).map(
        (v, i) => v * 2 ** Math.trunc(exponents[i] / 2) * 2 ** (exponents[i] - Math.trunc(exponents[i] / 2)),
      );
      return vectorConstant(x.type, values, call.at);
    }
  }
  return callNode(call, concreteType(x.type), [x, exponent]);
};

const transpose: Builtin = (call) => {
  countArguments(call, 1);
  const [arg] = call.args;
  if (arg.type.kind !== 'matrix') refuseCall(call, 'a matrix');
  return callNode(call, { ...arg.type, columns: arg.type.rows, rows: arg.type.columns }, [arg]);
};

const pack2x16float: Builtin = (call) => {
  countArguments(call, 1);
  const arg = convert(call.args[0], vectorOf(2, F32));
  if (!arg) refuseCall(call, 'a vec2<f32>');
  if (!isConstant(arg)) return callNode(call, U32, [arg]);
  const [low, high] = valuesOf(arg).map((value) => halfBits(represent(value, F16, call.at)));
  return scalarConstant(U32, ((high << 16) | low) >>> 0, call.at);
};

const unpack2x16float: Builtin = (call) => {
  countArguments(call, 1);
  const arg = convert(call.args[0], U32);
  if (!arg) refuseCall(call, 'a u32');
  const type = vectorOf(2, F32);
  if (!isConstant(arg)) return callNode(call, type, [arg]);
  return vectorConstant(type, [halfValue(arg.value & 0xffff), halfValue(arg.value >>> 16)], call.at);
};

export const VECTOR_BUILTINS: Readonly<Record<string, Builtin>> = {
  dot,
  cross,
  distance: geometric(2, false, 'scalar', ([a, b]) => [lengthOf(minus(a, b))]),
  faceForward: geometric(3, true, 'same', ([a, b, c]) => (dotOf(b, c) < 0 ? a : a.map((x) => -x))),
  length: geometric(1, false, 'scalar', ([v]) => [lengthOf(v)]),
  normalize: geometric(1, true, 'same', ([v]) => v.map((x) => x / lengthOf(v))),
  reflect: geometric(2, true, 'same', ([a, b]) => a.map((x, i) => x - 2 * dotOf(b, a) * b[i])),
  mix,
  select,
  all: quantifier((bools) => bools.every((b) => b !== 0)),
  any: quantifier((bools) => bools.some((b) => b !== 0)),
  ldexp,
  transpose,
  pack2x16float,
  unpack2x16float,
};

const words = new DataView(new ArrayBuffer(16));

/** Bytes of a type that `bitcast` takes: numbers of 32 bits (f16 in pairs) and vectors of them. */
function bitcastBytes(type: AnyType): number | undefined {
  const element = elementOf(type);
  if (!element || type.kind === 'matrix' || !isNumber(element)) return undefined;
  return (type.kind === 'vector' ? type.size : 1) * (element === F16 ? 2 : 4);
}

/** `bitcast<to>(operand)`. */
export function bitcast(to: Type, given: Operand, at: Place): Operand {
  const element = elementOf(given.type);
  const wanted = elementOf(to);
  // An abstract integer may as well be meant as u32.
  const unsignedOk =
    isConstant(given) && element?.name === 'abstract int' && valuesOf(given).some((v) => v > 0x7fffffff);
  const from = unsignedOk ? withElement(given.type, U32) : concreteType(given.type);
  const operand = convert(given, from);
  const bytes = bitcastBytes(from);
  if (!operand || !wanted || bytes === undefined || bytes !== bitcastBytes(to)) {
    fail(`bitcast<${nameOf(to)}> takes numbers of as many bits, but ${nameOf(given.type)} was found`, at);
  }
  if (!isConstant(operand)) return { kind: 'bitcast', type: to, at, operand: materialize(operand) };
  writeBits(operand, elementOf(from) ?? U32);
  if (to.kind === 'scalar') return scalarConstant(to, readBits(to, 0, at), at);
  let place = 0;
  return mapConstant(
    vectorConstant(to, new Array<number>(to.kind === 'vector' ? to.size : 1).fill(0), at),
    to,
    (_part, type) => scalarConstant(type, readBits(type, place++ * (type === F16 ? 2 : 4), at), at),
  );
}

function writeBits(constant: Constant, element: AnyScalar): void {
  valuesOf(constant).forEach((value, i) => {
    if (element === F16) words.setUint16(2 * i, halfBits(value), true);
    else if (element === F32) words.setFloat32(4 * i, value, true);
    else words.setUint32(4 * i, value, true);
  });
}

function readBits(type: AnyScalar, offset: number, at: Place): number {
  if (type === U32) return words.getUint32(offset, true);
  if (type === I32) return words.getInt32(offset, true);
  return represent(type === F16 ? halfValue(words.getUint16(offset, true)) : words.getFloat32(offset, true), type, at);
}
