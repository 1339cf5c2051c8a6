/**
 * Reductions of generated operands, without barriers and in a fixed order, so results are the same from run to run.
 *
 * `single`: an invocation owns one output and walks its operands.
 * `split`: where outputs are few, each is cut into S interleaved parts: an invocation sums every S-th operand into a temporary, and a second
 * launch adds the S parts. Interleaving keeps neighbouring invocations on neighbouring memory.
 */
import { defineLaunch, flatIndex, gridFor, output, temp, u32, type LaunchPlan } from './launch.js';
import type { Fragment } from './elementwise.js';

const WORKGROUP = 64;
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
  /** Writes `fn operand(o: u32, r: u32) -> f32` into the fragment that `build` hands out next. */
  readonly operand: () => void;
  /** Writes `fn epilogue(value: f32, index: u32) -> f32` likewise. */
  readonly epilogue: () => void;
  /** The functions written since the last call, with the memory and words they use. */
  readonly build: () => Fragment;
}

export function reduceLaunch(problem: ReduceProblem): LaunchPlan {
  const { reduction, outputs, operands } = problem;
  if (outputs === 0) return { launches: [] };
  const parts = partsOf(outputs, operands, reduction);
  const loop = (step: string): string => `
  var acc = ${START[reduction]};${reduction === 'argmax' ? '\n  var best = 0u;' : ''}
  for (var r = part; r < p.operands; r = r + ${step}) {
    let value = operand(o, r);
    ${COMBINE[reduction]}
  }`;
  const result = reduction === 'argmax' ? 'f32(best)' : 'acc';
  problem.operand();
  if (parts === 1) {
    problem.epilogue();
    const both = problem.build();
    return {
      launches: [
        defineLaunch({
          name: reduction,
          bindings: [{ name: 'out', type: 'f32', ref: output() }, ...both.bindings],
          params: [u32('outputs', outputs), u32('operands', operands), ...both.params],
          workgroupSize: [WORKGROUP, 1, 1],
          declarations: both.code,
          body: `
  let o = ${flatIndex(WORKGROUP)};
  if (o >= p.outputs) { return; }
  let part = 0u;${loop('1u')}
  out[o] = epilogue(${result}, o);`,
          grid: gridFor(outputs, WORKGROUP),
        }),
      ],
    };
  }
  const operand = problem.build();
  problem.epilogue();
  const epilogue = problem.build();
  const where = problem.contiguous
    ? '  let o = i / p.parts;\n  let part = i % p.parts;'
    : '  let o = i % p.outputs;\n  let part = i / p.outputs;';
  return {
    temps: [outputs * parts * 4],
    launches: [
      defineLaunch({
        name: `${reduction}.parts`,
        bindings: [{ name: 'partial', type: 'f32', ref: temp(0) }, ...operand.bindings],
        params: [u32('outputs', outputs), u32('operands', operands), u32('parts', parts), ...operand.params],
        workgroupSize: [WORKGROUP, 1, 1],
        declarations: operand.code,
        body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.outputs * p.parts) { return; }
${where}${loop('p.parts')}
  partial[part * p.outputs + o] = acc;`,
        grid: gridFor(outputs * parts, WORKGROUP),
      }),
      defineLaunch({
        name: `${reduction}.join`,
        bindings: [
          { name: 'out', type: 'f32', ref: output() },
          { name: 'partial', type: 'f32', ref: temp(0) },
          ...epilogue.bindings,
        ],
        params: [u32('outputs', outputs), u32('parts', parts), ...epilogue.params],
        workgroupSize: [WORKGROUP, 1, 1],
        declarations: epilogue.code,
        body: `
  let o = ${flatIndex(WORKGROUP)};
  if (o >= p.outputs) { return; }
  var acc = ${START[reduction]};
  for (var part = 0u; part < p.parts; part = part + 1u) {
    let value = partial[part * p.outputs + o];
    ${COMBINE[reduction]}
  }
  out[o] = epilogue(acc, o);`,
        grid: gridFor(outputs, WORKGROUP),
      }),
    ],
  };
}
