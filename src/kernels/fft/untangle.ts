/**
 * Real rows by complex transforms, inside of one kernel (row-form.ts). An even length packs neighbours as one complex number of a
 * transform half as long (Cooley, Lewis and Welch, "The fast Fourier transform algorithm", 1970); an odd one goes through as it is.
 */
import { eachElement } from './row-form.js';
import type { RowIo, RowTransform } from './row-transform.js';

/** What becomes of bin `k`: statements over the names of its parts. */
export type EmitBin = (k: string, re: string, im: string) => string;

/** Statements that define `name`, the sample at `index` of the row. */
export type Sample = (name: string, index: string) => string;

export interface ForwardIo {
  readonly sample: Sample;
  /** For `rows4`: a cheaper way, to be taken where the condition holds. */
  readonly short?: { readonly condition: string; readonly sample: Sample };
  readonly emit: EmitBin;
}

/** The passes that transform rows of n real samples and hand every bin k ≤ n/2 to `emit` once. */
export function realForward(line: RowTransform, n: number, { sample, short, emit }: ForwardIo): string {
  const { form } = line;
  const zero = form.variant === 'rows4' ? 'vec4<f32>()' : '0.0';
  const even = n % 2 === 0;
  const reader = (way: Sample): RowIo['read'] =>
    even
      ? (name, index) => `${way(`${name}r`, `2u * (${index})`)} ${way(`${name}i`, `2u * (${index}) + 1u`)}`
      : (name, index) => `${way(`${name}r`, index)} let ${name}i = ${zero};`;
  const io: RowIo = {
    read: reader(sample),
    ...(short ? { short: { condition: short.condition, read: reader(short.sample) } } : {}),
  };
  if (!even) {
    const bins = (n + 1) / 2;
    const write: RowIo['write'] = (index, re, im) =>
      `{ let at = ${index}; if (at < ${bins}u) { ${emit('at', re, im)} } }`;
    return line.passes({ ...io, write });
  }
  const m = n / 2;
  const passes = line.passes(io);
  // With z the transform of even + i·odd samples: X[k] = E + w^k·O and X[m − k] = conj(E − w^k·O), E and O being the Hermitian halves of z.
  return `${passes}
${eachElement(
  form,
  'k',
  `${Math.floor(m / 2) + 1}u`,
  `let mirror = ${m}u - k;
let across = select(mirror, 0u, k == 0u);
${line.result('z', 'k')} ${line.result('x', 'across')}
let er = 0.5 * (zr + xr); let ei = 0.5 * (zi - xi);
let od = 0.5 * (zi + xi); let oi = 0.5 * (xr - zr);
let w = twiddle[k];
let tr = od * w.x - oi * w.y; let ti = od * w.y + oi * w.x;
let ar = er + tr; let ai = ei + ti; let br = er - tr; let bi = ti - ei;
${emit('k', 'ar', 'ai')}
${emit('mirror', 'br', 'bi')}`,
)}`;
}

/**
 * The passes that make n real samples of bins 0 … n/2. `bin(name, index)` defines `namer` and `namei`; `write(index, value)` stores a sample. The
 * imaginary parts of the first bin and, where n is even, the last do not count.
 */
export function realInverse(
  line: RowTransform,
  n: number,
  bin: (name: string, index: string) => string,
  write: (index: string, value: string) => string,
): string {
  const { form } = line;
  const bins = Math.floor(n / 2) + 1;
  const zero = form.variant === 'rows4' ? 'vec4<f32>()' : '0.0';
  return n % 2 === 1
    ? line.passes(
        {
          read: (name, index) => `
let ${name}k = ${index}; ${bin(`${name}b`, `min(${name}k, ${n}u - ${name}k)`)}
let ${name}r = ${name}br;
let ${name}i = select(select(${name}bi, -${name}bi, ${name}k >= ${bins}u), ${zero}, ${name}k == 0u);`,
          write: (index, re) => write(index, re),
        },
        true,
      )
    : line.passes(
        {
          read: (name, index) => `
let ${name}k = ${index}; ${bin(`${name}a`, `${name}k`)} ${bin(`${name}b`, `${n / 2}u - ${name}k`)}
let ${name}ay = select(${name}ai, ${zero}, ${name}k == 0u); let ${name}by = select(-${name}bi, ${zero}, ${name}k == 0u);
let ${name}w = twiddle[${name}k];
let ${name}hr = 0.5 * (${name}ar - ${name}br); let ${name}hi = 0.5 * (${name}ay - ${name}by);
let ${name}r = 0.5 * (${name}ar + ${name}br) - (${name}w.x * ${name}hi - ${name}w.y * ${name}hr);
let ${name}i = 0.5 * (${name}ay + ${name}by) + ${name}w.x * ${name}hr + ${name}w.y * ${name}hi;`,
          write: (index, re, im) => `${write(`2u * (${index})`, re)} ${write(`2u * (${index}) + 1u`, im)}`,
        },
        true,
      );
}
