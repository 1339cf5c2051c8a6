/**
 * Makes the middle form fast. The function is read into a graph of values beside a skeleton of what must happen (optimize/read.ts), each value that is
 * needed gets its best place (optimize/place.ts), and the whole is written out again (optimize/write.ts). On the way equal values become one, what a loop does
 * not change leaves the loop, indices become byte addresses of which the constant and the invariant parts stand apart (optimize/address.ts) and that run
 * along with their loop (optimize/reduce.ts), and what has no effect is gone. Results stay the same bit for bit.
 */
import type { IrFunction } from './ir.js';
import { place } from './optimize/place.js';
import { privatesToLocals } from './optimize/privates.js';
import { read } from './optimize/read.js';
import { write } from './optimize/write.js';

export function optimize(ir: IrFunction): IrFunction {
  const better = once(whole(ir));
  const again = privatesToLocals(whole(better));
  return again === undefined ? better : once(again);
}

function once(ir: IrFunction): IrFunction {
  const skeleton = read(ir);
  return write(skeleton, place(skeleton));
}

/** With its prologue in front of its body. */
const whole = ({ prologue, ...ir }: IrFunction): IrFunction =>
  prologue === undefined ? ir : { ...ir, body: [...prologue, ...ir.body] };
