/** Subgroup operations among four neighbours, as WGSL has them. */
import { binaryNumber } from '../build.js';
import type { BinaryOp, ScalarValueType, SubgroupOp } from '../ir.js';

/** What invocations hand to each other: by the invocation's number in its workgroup. */
export interface Exchange {
  readonly a: (number | boolean)[];
  readonly b: (number | boolean)[];
  readonly result: (number | boolean)[];
}

export const SUBGROUP = 4;

const FOLD: Partial<Record<SubgroupOp, BinaryOp>> = {
  add: 'add',
  mul: 'mul',
  min: 'min',
  max: 'max',
  and: 'and',
  or: 'or',
  xor: 'xor',
  exclusiveAdd: 'add',
  inclusiveAdd: 'add',
};

/**
 * Computes `result` of the invocations first … first + 3 that are `active`. What is read from an inactive one, or from none, is 0 (WGSL leaves it open).
 */
export function runSubgroup(
  op: SubgroupOp,
  type: ScalarValueType,
  exchange: Exchange,
  first: number,
  active: readonly boolean[],
): void {
  const lanes = [0, 1, 2, 3].filter((lane) => active[lane]);
  const a = (lane: number): number => Number(exchange.a[first + lane]);
  const give = (lane: number, value: number | boolean): void => {
    exchange.result[first + lane] = type === 'bool' ? Boolean(value) : Number(value);
  };
  const from = (lane: number, source: number): void => give(lane, active[source] === true ? a(source) : 0);
  switch (op) {
    case 'broadcast':
    case 'shuffle':
      for (const lane of lanes) from(lane, Number(exchange.b[first + lane]));
      return;
    case 'shuffleXor':
      for (const lane of lanes) from(lane, lane ^ Number(exchange.b[first + lane]));
      return;
    case 'shuffleUp':
      for (const lane of lanes) from(lane, lane - Number(exchange.b[first + lane]));
      return;
    case 'shuffleDown':
      for (const lane of lanes) from(lane, lane + Number(exchange.b[first + lane]));
      return;
    case 'any':
      for (const lane of lanes)
        give(
          lane,
          lanes.some((other) => a(other) !== 0),
        );
      return;
    case 'all':
      for (const lane of lanes)
        give(
          lane,
          lanes.every((other) => a(other) !== 0),
        );
      return;
    case 'invocationId':
      for (const lane of lanes) give(lane, lane);
      return;
    default:
      fold(op, type, lanes, a, give);
  }
}

function fold(
  op: SubgroupOp,
  type: ScalarValueType,
  lanes: readonly number[],
  a: (lane: number) => number,
  give: (lane: number, value: number) => void,
): void {
  const operation = FOLD[op];
  if (operation === undefined) throw new Error(`No subgroup operation ${op}.`);
  let total: number | undefined;
  for (const lane of lanes) {
    if (op === 'exclusiveAdd') give(lane, total ?? 0);
    total = total === undefined ? a(lane) : binaryNumber(operation, type, total, a(lane));
    if (op === 'inclusiveAdd') give(lane, total);
  }
  if (op === 'exclusiveAdd' || op === 'inclusiveAdd') return;
  for (const lane of lanes) give(lane, total ?? 0);
}
