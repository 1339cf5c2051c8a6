/** Builtin functions that look at memory, at the workgroup or at the subgroup: never const-expressions. */
import { BOOL, I32, U32, VOID, type AtomicType, type PointerType, type ScalarType } from '../types.js';
import { convert, isConstant, materialize, type Operand } from './constant.js';
import { fail } from './fault.js';
import { callNode, countArguments, refuseCall, type Builtin, type Call } from './rules.js';
import { concreteType, elementOf, isConstructible, isInteger, isNumber, type AnyScalar } from './types.js';

const pointerOf = ({ args }: Call): PointerType | undefined => {
  const type = args.at(0)?.type;
  return type?.kind === 'pointer' ? type : undefined;
};

const arrayLength: Builtin = (call) => {
  countArguments(call, 1);
  const target = pointerOf(call)?.target;
  if (target?.kind !== 'array' || target.count !== undefined)
    refuseCall(call, 'a pointer to an array without a length');
  return callNode(call, U32, call.args);
};

const barrier: Builtin = (call) => {
  countArguments(call, 0);
  return callNode(call, VOID, []);
};

const workgroupUniformLoad: Builtin = (call) => {
  countArguments(call, 1);
  const pointer = pointerOf(call);
  const atomic = pointer?.target.kind === 'atomic' ? pointer.target.element : undefined;
  const type = atomic ?? pointer?.target;
  if (pointer?.space !== 'workgroup' || !type || !isConstructible(type))
    refuseCall(call, 'a pointer to a workgroup variable');
  return callNode(call, type, call.args);
};

const atomic =
  (values: number, gives: 'value' | 'nothing'): Builtin =>
  (call) => {
    countArguments(call, 1 + values);
    const pointer = pointerOf(call);
    const target: AtomicType | undefined = pointer?.target.kind === 'atomic' ? pointer.target : undefined;
    if (!pointer || !target) refuseCall(call, 'a pointer to an atomic');
    if (!pointer.writable) fail(`${call.name}() takes a pointer to memory that can be written`, call.at);
    const { element } = target;
    const args = call.args.map((arg, i) => {
      const value = i === 0 ? arg : convert(arg, element);
      return value ?? refuseCall(call, `a pointer to atomic<${element.name}> and a ${element.name}`);
    });
    return callNode(call, gives === 'value' ? element : VOID, args);
  };

/** The value of a subgroup operation, with abstract numbers made concrete. */
function subgroupValue(call: Call, takes: (element: AnyScalar) => boolean, what: string): Operand {
  const value = materialize(call.args[0]);
  const element = elementOf(value.type);
  if (!element || value.type.kind === 'matrix' || !takes(element)) refuseCall(call, what);
  return value;
}

const subgroup =
  (takes: (element: AnyScalar) => boolean, what: string): Builtin =>
  (call) => {
    countArguments(call, 1);
    const value = subgroupValue(call, takes, what);
    return callNode(call, concreteType(value.type), [value]);
  };

const NUMBERS = 'a number or a vector of them';
const INTEGERS = 'an integer or a vector of them';

const subgroupVote: Builtin = (call) => {
  countArguments(call, 1);
  if (call.args[0].type !== BOOL) refuseCall(call, 'a bool');
  return callNode(call, BOOL, call.args);
};

/** Largest subgroup of WebGPU. */
const MOST_LANES = 128;

const subgroupBroadcast: Builtin = (call) => {
  countArguments(call, 2);
  const value = subgroupValue(call, isNumber, `${NUMBERS}, and a lane`);
  const lane = call.args[1];
  const known = isConstant(lane) ? (convert(lane, I32) ?? convert(lane, U32)) : undefined;
  if (!known || !isConstant(known)) fail('the lane of subgroupBroadcast() must be a constant i32 or u32', lane.at);
  if (known.value < 0 || known.value >= MOST_LANES) {
    fail(`the lane of subgroupBroadcast() is 0 … ${MOST_LANES - 1}, but ${known.value} was found`, lane.at);
  }
  return callNode(call, concreteType(value.type), [value, known]);
};

/** `lanes`: the types that the lane, mask or delta may have. */
const subgroupShuffle =
  (...lanes: readonly ScalarType[]): Builtin =>
  (call) => {
    countArguments(call, 2);
    const value = subgroupValue(call, isNumber, `${NUMBERS}, and a lane`);
    const [, given] = call.args;
    const lane = lanes.map((type) => convert(given, type)).find((converted) => converted !== undefined);
    if (!lane) refuseCall(call, `${NUMBERS}, and a ${lanes.map((type) => type.name).join(' or ')}`);
    if (isConstant(lane) && (lane.value < 0 || lane.value >= MOST_LANES)) {
      fail(`the second argument of ${call.name}() is 0 … ${MOST_LANES - 1}, but ${lane.value} was found`, given.at);
    }
    return callNode(call, concreteType(value.type), [value, lane]);
  };

export const MEMORY_BUILTINS: Readonly<Record<string, Builtin>> = {
  arrayLength,
  workgroupBarrier: barrier,
  storageBarrier: barrier,
  workgroupUniformLoad,
  atomicLoad: atomic(0, 'value'),
  atomicStore: atomic(1, 'nothing'),
  atomicAdd: atomic(1, 'value'),
  atomicSub: atomic(1, 'value'),
  atomicMax: atomic(1, 'value'),
  atomicMin: atomic(1, 'value'),
  atomicAnd: atomic(1, 'value'),
  atomicOr: atomic(1, 'value'),
  atomicXor: atomic(1, 'value'),
  atomicExchange: atomic(1, 'value'),
};

export const SUBGROUP_BUILTINS: Readonly<Record<string, Builtin>> = {
  subgroupAdd: subgroup(isNumber, NUMBERS),
  subgroupMul: subgroup(isNumber, NUMBERS),
  subgroupMin: subgroup(isNumber, NUMBERS),
  subgroupMax: subgroup(isNumber, NUMBERS),
  subgroupExclusiveAdd: subgroup(isNumber, NUMBERS),
  subgroupInclusiveAdd: subgroup(isNumber, NUMBERS),
  subgroupAnd: subgroup(isInteger, INTEGERS),
  subgroupOr: subgroup(isInteger, INTEGERS),
  subgroupXor: subgroup(isInteger, INTEGERS),
  subgroupAll: subgroupVote,
  subgroupAny: subgroupVote,
  subgroupBroadcast,
  subgroupShuffle: subgroupShuffle(U32, I32),
  subgroupShuffleUp: subgroupShuffle(U32),
  subgroupShuffleDown: subgroupShuffle(U32),
  subgroupShuffleXor: subgroupShuffle(U32),
};
