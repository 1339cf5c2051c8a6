/** The builtin functions by name. */
import { I32, U32 } from '../types.js';
import { MEMORY_BUILTINS, SUBGROUP_BUILTINS } from './builtin-memory.js';
import {
  BIT_FUNCTIONS,
  FLOAT_FUNCTIONS,
  NUMBER_FUNCTIONS,
  clamp,
  extractBits,
  insertBits,
  smoothstep,
  type ScalarFunction,
} from './builtin-values.js';
import { FLOAT, NUMBER, VECTOR_BUILTINS } from './builtin-vector.js';
import {
  areConstant,
  composite,
  convert,
  isConstant,
  partOf,
  partsOf,
  scalarConstant,
  type Constant,
  type Operand,
} from './constant.js';
import { evaluationFault } from './fault.js';
import { represent } from './number.js';
import { callNode, countArguments, refuseCall, unify, type Builtin, type Call, type Domain } from './rules.js';
import { elementOf, isInteger, vector, type AnyScalar } from './types.js';

const INTEGER: Domain = { takes: isInteger, name: 'integer' };
const SIGNED: Domain = { takes: (element) => element !== U32 && NUMBER.takes(element), name: 'signed number' };

/** Component by component over arguments of one type. */
function componentwise(call: Call, args: readonly Constant[], value: ScalarFunction): Constant {
  const { type } = args[0];
  if (type.kind === 'vector') {
    const parts = partsOf(args[0]).map((_, i) =>
      scalarOf(
        call,
        type.element,
        args.map((arg) => partOf(arg, i)),
        value,
      ),
    );
    return composite(type, parts, call.at);
  }
  return scalarOf(call, elementOf(type) ?? I32, args, value);
}

function scalarOf(call: Call, type: AnyScalar, args: readonly Constant[], value: ScalarFunction): Constant {
  const [a, b, c] = args;
  return scalarConstant(type, represent(value(a.value, b?.value, c?.value, type), type, call.at), call.at);
}

const plain =
  (arity: number, domain: Domain, value: ScalarFunction): Builtin =>
  (call) => {
    const args = unify(call, arity, domain);
    return areConstant(args) ? componentwise(call, args, value) : callNode(call, args[0].type, args);
  };

/** Three arguments of which two are bounds: arguments `low` and `low + 1`, which can be wrong together before the third is known. */
const bounded =
  (
    domain: Domain,
    value: ScalarFunction,
    low: number,
    fault: (low: number, high: number) => string | undefined,
  ): Builtin =>
  (call) => {
    const args = unify(call, 3, domain);
    const bounds = args.slice(low, low + 2);
    if (areConstant(bounds)) {
      componentwise(call, bounds, (a, b) => {
        const reason = fault(a, b);
        return reason === undefined ? 0 : evaluationFault(`${call.name}() ${reason}`, call.at);
      });
    }
    return areConstant(args) ? componentwise(call, args, value) : callNode(call, args[0].type, args);
  };

/** extractBits(x, offset, count) and insertBits(x, bits, offset, count). */
const bitField =
  (values: number, compute: (args: readonly number[], type: AnyScalar) => number): Builtin =>
  (call) => {
    countArguments(call, values + 2);
    const takes = `${values === 1 ? 'an integer' : 'two integers of one type'} (or vectors of them), and u32 offset and count`;
    const numbers = unify({ ...call, args: call.args.slice(0, values) }, values, INTEGER).map(concreteInteger);
    const field = call.args.slice(values).map((arg): Operand => convert(arg, U32) ?? refuseCall(call, takes));
    if (areConstant(field)) {
      const [offset, count] = field;
      if (offset.value + count.value > 32) {
        evaluationFault(`${call.name}() takes an offset and a count of together at most 32 bits`, call.at);
      }
      if (areConstant(numbers)) {
        return componentwise(call, numbers, (a, b, _c, type) => compute([a, b, offset.value, count.value], type));
      }
    }
    return callNode(call, numbers[0].type, [...numbers, ...field]);
  };

/** Functions of bits have no abstract form. */
function concreteInteger(operand: Operand): Operand {
  if (!isConstant(operand) || elementOf(operand.type)?.name !== 'abstract int') return operand;
  return convert(operand, operand.type.kind === 'vector' ? vector(operand.type.size, I32) : I32) ?? operand;
}

const bits =
  (value: ScalarFunction): Builtin =>
  (call) => {
    const args = unify(call, 1, INTEGER).map(concreteInteger);
    return areConstant(args) ? componentwise(call, args, value) : callNode(call, args[0].type, args);
  };

const clampFault = (low: number, high: number): string | undefined =>
  low > high ? `takes a lower bound that is not above the upper one, but ${low} and ${high} were found` : undefined;
const stepFault = (low: number, high: number): string | undefined =>
  low === high ? `takes two different edges, but both are ${low}` : undefined;

function table(): ReadonlyMap<string, Builtin> {
  const all = new Map<string, Builtin>();
  for (const [name, [arity, value]] of Object.entries(FLOAT_FUNCTIONS)) all.set(name, plain(arity, FLOAT, value));
  for (const [name, [arity, value]] of Object.entries(NUMBER_FUNCTIONS)) all.set(name, plain(arity, NUMBER, value));
  for (const [name, value] of Object.entries(BIT_FUNCTIONS)) all.set(name, bits(value));
  for (const group of [VECTOR_BUILTINS, MEMORY_BUILTINS, SUBGROUP_BUILTINS]) {
    for (const [name, builtin] of Object.entries(group)) all.set(name, builtin);
  }
  all.set('clamp', bounded(NUMBER, clamp, 1, clampFault));
  all.set('smoothstep', bounded(FLOAT, smoothstep, 0, stepFault));
  all.set('sign', plain(1, SIGNED, Math.sign));
  all.set(
    'extractBits',
    bitField(1, ([x, , offset, count], type) => extractBits(x, offset, count, type)),
  );
  all.set(
    'insertBits',
    bitField(2, ([x, y, offset, count], type) => insertBits(x, y, offset, count, type)),
  );
  return all;
}

export const BUILTINS = table();
