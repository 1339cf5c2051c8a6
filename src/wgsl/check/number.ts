/** Numbers of const-expressions: each type's rounding and range. */
import type { Place } from '../error.js';
import { evaluationFault, unsupported } from './fault.js';
import type { AnyScalar } from './types.js';

const LARGEST_F32 = 3.4028234663852886e38;
const LARGEST_F16 = 65504;

/** Rounds a number to the nearest f16 (ties to even); past the range it becomes infinite. */
export function roundF16(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude > 0 && magnitude < Infinity)) return x;
  // Numbers of f16 near x are multiples of this.
  const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(magnitude))) - 10);
  const steps = x / unit;
  const below = Math.floor(steps);
  const rest = steps - below;
  const rounded = (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) * unit;
  if (Math.abs(rounded) > LARGEST_F16) return x > 0 ? Infinity : -Infinity;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

/** Whether a number lies in the type's range (a float may still have to be rounded). */
function inRange(value: number, type: AnyScalar): boolean {
  switch (type.name) {
    case 'i32':
      return value >= -0x80000000 && value <= 0x7fffffff;
    case 'u32':
      return value >= 0 && value <= 0xffffffff;
    case 'f32':
      return Math.abs(value) <= LARGEST_F32;
    case 'f16':
      return Math.abs(value) <= LARGEST_F16;
    case 'abstract float':
      return Math.abs(value) < Infinity;
    default:
      return true;
  }
}

/** A mathematical result as a value of its type; a fault where the type cannot hold it. */
export function represent(value: number, type: AnyScalar, at: Place): number {
  if (!inRange(value, type)) return evaluationFault(`the value ${value} cannot be represented as ${type.name}`, at);
  switch (type.name) {
    case 'f32':
      return Math.fround(value);
    case 'f16':
      return roundF16(value);
    case 'abstract float':
      return value;
    case 'abstract int':
      return abstractInt(value, at);
    default:
      // −0 is no integer.
      return value + 0;
  }
}

/** Abstract integers have 64 bits in WGSL; here they are exact as far as a JavaScript number is. */
function abstractInt(value: number, at: Place): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value + 0;
  if (value >= -(2 ** 63) && value < 2 ** 63) unsupported(`constant integers beyond ±2^53 (${value}) are`, at);
  return evaluationFault(`the value ${value} cannot be represented as abstract int`, at);
}

/** `convert` of WGSL's value constructors: `i32(x)`, `f32(x)`, `bool(x)`. Implicit conversions are those that `represent` allows. */
export function castNumber(value: number, from: AnyScalar, to: AnyScalar, at: Place): number {
  if (to.name === 'bool') return value === 0 ? 0 : 1;
  if (to.name !== 'i32' && to.name !== 'u32') return represent(value, to, at);
  switch (from.name) {
    case 'bool':
      return value;
    case 'abstract int':
      return represent(value, to, at);
    case 'i32':
    case 'u32':
      return to.name === 'i32' ? value | 0 : value >>> 0;
    default: {
      // Floats are cut off and held to the range, as far as their own type reaches into it.
      const low = to.name === 'i32' ? -0x80000000 : 0;
      const step = from.name === 'abstract float' ? 1 : to.name === 'i32' ? 128 : 256;
      const high = (to.name === 'i32' ? 0x80000000 : 0x100000000) - step;
      return Math.min(high, Math.max(low, Math.trunc(value))) + 0;
    }
  }
}
