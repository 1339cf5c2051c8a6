/** What the rules of builtin functions have in common. */
import type { Place } from '../error.js';
import { convertConstant, materialize, type Operand } from './constant.js';
import { fail } from './fault.js';
import {
  ABSTRACT_FLOAT,
  ABSTRACT_INT,
  commonScalar,
  concreteType,
  elementOf,
  nameOf,
  withElement,
  type AnyScalar,
  type AnyType,
} from './types.js';

/** A call in the text. */
export interface Call {
  readonly name: string;
  readonly args: readonly Operand[];
  readonly at: Place;
}

/** Checks a call of a builtin function and gives what it stands for. */
export type Builtin = (call: Call) => Operand;

/** The call as a node of the tree; what is abstract becomes concrete. */
export const callNode = ({ name, at }: Call, type: AnyType, args: readonly Operand[]): Operand => ({
  kind: 'builtin',
  type: concreteType(type),
  at,
  name,
  arguments: args.map(materialize),
});

export function refuseCall({ name, args, at }: Call, takes: string): never {
  const found = args.length === 0 ? 'nothing' : args.map((arg) => nameOf(arg.type)).join(', ');
  fail(`${name}() takes ${takes}, but ${found} was found`, at);
}

export const counted = (count: number): string => `${count} ${count === 1 ? 'argument' : 'arguments'}`;

export function countArguments(call: Call, count: number): void {
  if (call.args.length === count) return;
  fail(`${call.name}() takes ${counted(count)}, but ${call.args.length} were found`, call.at);
}

/** An element that a function takes, and what it is called in messages. */
export interface Domain {
  readonly takes: (element: AnyScalar) => boolean;
  readonly name: string;
}

/** The element that all operands convert to, if the domain takes it; abstract integers may become abstract floats. */
export function commonElement(operands: readonly Operand[], domain: Domain): AnyScalar | undefined {
  let element: AnyScalar | undefined;
  for (const { type } of operands) {
    const next = elementOf(type);
    element = next && (element ? commonScalar(element, next) : next);
    if (!element) return undefined;
  }
  if (element === ABSTRACT_INT && !domain.takes(element)) element = ABSTRACT_FLOAT;
  return element && domain.takes(element) ? element : undefined;
}

/** An operand over another element. Only constants have elements that convert. */
export function overElement(operand: Operand, element: AnyScalar): Operand {
  if (operand.kind !== 'constant' || elementOf(operand.type) === element) return operand;
  return convertConstant(operand, withElement(operand.type, element));
}

/** Arguments of one scalar or vector type. */
export function unify(call: Call, count: number, domain: Domain, vectorsOnly = false): readonly Operand[] {
  countArguments(call, count);
  const takes = `${count === 1 ? 'a' : `${count} of one type:`} ${vectorsOnly ? `vector of ${domain.name}` : `${domain.name} or a vector of it`}`;
  const element = commonElement(call.args, domain);
  if (!element) refuseCall(call, takes);
  const args = call.args.map((arg) => overElement(arg, element));
  for (const { type } of args) {
    const shaped = type.kind === 'vector' || (type.kind === 'scalar' && !vectorsOnly);
    if (!shaped || type !== args[0].type) refuseCall(call, takes);
  }
  return args;
}
