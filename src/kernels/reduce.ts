/**
 * Reductions of generated operands, without barriers and in a fixed order, so results are the same from run to run.
 *
 * `single`: an invocation owns one output and walks its operands.
 * `split`: where outputs are few, each is cut into S interleaved parts: an invocation sums every S-th operand into a temporary, and a second
 * task adds the S parts. Interleaving keeps neighbouring invocations on neighbouring memory.
 */
import { input, output, u32 } from './launch.js';
import type { Fragment, Task } from './tasks.js';

/** Invocations that keep a GPU busy; outputs beyond it need no splitting. */
const ENOUGH = 4096;
const MAX_PARTS = 256;

export type Reduction = 'sum' | 'max' | 'min' | 'argmax';

const START: Record<Reduction, string> = {
  sum: '0.0',
  max: '-3.4028234e38',
  min: '3.4028234e38',
  argmax: '-3.4028234e38',
};
const COMBINE: Record<Reduction, string> = {
  sum: 'acc = acc + value;',
  max: 'acc = max(acc, value);',
  min: 'acc = min(acc, value);',
  argmax: 'if (value > acc) { acc = value; best = r; }',
};

/** Parts that each output is cut into; from the shape alone, so that the order of additions never depends on the machine. */
export function partsOf(outputs: number, operands: number, reduction: Reduction): number {
  if (reduction === 'argmax' || operands < 64 || outputs >= ENOUGH / 2) return 1;
  return Math.min(Math.ceil(operands / 32), Math.ceil(ENOUGH / outputs), MAX_PARTS);
}

export interface ReduceProblem {
  readonly reduction: Reduction;
  readonly outputs: number;
  readonly operands: number;
  /** True where operands of one output lie side by side: parts then go to neighbouring invocations. */
  readonly contiguous: boolean;
}

const loop = (reduction: Reduction, start: string, end: string, step: string, operand: string): string => `
  var acc = ${START[reduction]};${reduction === 'argmax' ? '\n  var best = 0u;' : ''}
  for (var r = ${start}; r < ${end}; r = r + ${step}) {
    let value = ${operand};
    ${COMBINE[reduction]}
  }`;

/** @param fragment has `fn operand(o: u32, r: u32) -> f32` and `fn epilogue(value: f32, index: u32) -> f32` */
export function reduceTask({ reduction, outputs, operands }: ReduceProblem, fragment: Fragment): Task {
  return {
    name: reduction,
    count: outputs,
    bindings: [{ name: 'out', type: 'f32', ref: output() }, ...fragment.bindings],
    params: [u32('operands', operands), ...fragment.params],
    fragments: [fragment],
    body: `${loop(reduction, '0u', 'p.operands', '1u', 'operand(i, r)')}
  out[i] = epilogue(${reduction === 'argmax' ? 'f32(best)' : 'acc'}, i);`,
  };
}

/** The parts (parts, outputs) of a reduction into output 0. @param operand has `fn operand(o: u32, r: u32) -> f32` */
export function reducePartsTask(problem: ReduceProblem, operand: Fragment): Task {
  const { reduction, outputs, operands, contiguous } = problem;
  const parts = partsOf(outputs, operands, reduction);
  const where = contiguous
    ? '  let o = i / p.parts;\n  let part = i % p.parts;'
    : '  let o = i % p.outputs;\n  let part = i / p.outputs;';
  return {
    name: `${reduction}.parts`,
    count: outputs * parts,
    bindings: [{ name: 'part_sums', type: 'f32', ref: output() }, ...operand.bindings],
    params: [u32('outputs', outputs), u32('operands', operands), u32('parts', parts), ...operand.params],
    fragments: [operand],
    body: `${where}${loop(reduction, 'part', 'p.operands', 'p.parts', 'operand(o, r)')}
  part_sums[part * p.outputs + o] = acc;`,
  };
}

/** The sum of the parts in input 0. @param epilogue has `fn epilogue(value: f32, index: u32) -> f32` */
export function reduceJoinTask({ reduction, outputs, operands }: ReduceProblem, epilogue: Fragment): Task {
  return {
    name: `${reduction}.join`,
    count: outputs,
    bindings: [
      { name: 'out', type: 'f32', ref: output() },
      { name: 'part_sums', type: 'f32', ref: input(0) },
      ...epilogue.bindings,
    ],
    params: [u32('parts', partsOf(outputs, operands, reduction)), ...epilogue.params],
    fragments: [epilogue],
    body: `${loop(reduction, '0u', 'p.parts', '1u', 'part_sums[r * p.count + i]')}
  out[i] = epilogue(acc, i);`,
  };
}
