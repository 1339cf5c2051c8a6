/** Runs the middle form with every access inside of its memory: also a load outside is a fault, which by itself it need not be. */
import { makeKernel, viewsOf } from '../../../src/wgsl/js/kernel.js';
import { runGrid } from '../../../src/wgsl/js/schedule.js';
import { PlainStyle, privateIndex, viewName } from '../../../src/wgsl/js/style.js';
import type { IrFunction, Memory, ScalarValueType } from '../../../src/wgsl/ir.js';

class StrictStyle extends PlainStyle {
  constructor(private readonly lanes: number) {
    super(lanes);
  }

  override load(memory: Memory, type: ScalarValueType, index: string): string {
    const at = memory.kind === 'private' ? privateIndex(memory, this.lanes, index) : index;
    return `take(${viewName(memory, type)}, ${at}, ${JSON.stringify(memory.name)})`;
  }

  override prelude(): string {
    return `${super.prelude()}
function take(view, at, name) {
  if (!(at < view.length)) throw new RangeError('load of ' + name + '[' + at + '], which has ' + view.length + ' words.');
  return view[at];
}
`;
  }
}

export function runStrictly(
  ir: IrFunction,
  bindings: readonly Uint32Array[],
  params: Uint32Array,
  grid: readonly [number, number, number],
): void {
  const kernel = makeKernel(ir, new StrictStyle(ir.width));
  const views = (words: Uint32Array): ReturnType<typeof viewsOf> =>
    viewsOf(words.buffer, words.byteOffset, words.length);
  kernel.bind(bindings.map(views), views(params), grid);
  runGrid(kernel, grid, {
    workgroup: () => undefined,
    barrier: () => undefined,
    // Subgroup operations of some lanes only have a meaning.
    uneven: (_, at) => {
      if (at.every((p) => p < 0 || kernel.waits[p].kind === 'subgroup')) return true;
      throw new Error(`${ir.name}: invocations part at a barrier.`);
    },
  });
}
