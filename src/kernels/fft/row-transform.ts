/**
 * The passes of a complex transform of rows that stay in workgroup memory (row-form.ts), as WGSL. Only forward transforms are written: the inverse is the same
 * with real and imaginary parts exchanged on the way in and out. A rough length (tables.ts) is two transforms of a smooth one, with the chirp and
 * its spectrum multiplied in as numbers are read and written.
 */
import type { DeviceInfo } from '../../device/device.js';
import { butterfly, times } from './butterflies.js';
import { fftFactors } from './factors.js';
import { rowForm, type RowForm, type RowVariant } from './row-form.js';
import type { TransformTable } from './tables.js';

export interface RowIo {
  /** Statements that define `${name}r` and `${name}i`, the number of the row at `index`. */
  read(name: string, index: string): string;
  /** For `rows4`: a cheaper way to read, to be taken where the condition holds. */
  readonly short?: { readonly condition: string; readonly read: RowIo['read'] };
  /** Statements for the finished number at `index`; left out, the numbers stay in workgroup memory. */
  write?(index: string, re: string, im: string): string;
}

const swapped =
  (read: RowIo['read']): RowIo['read'] =>
  (name, index) =>
    `${read(`${name}z`, index)} let ${name}r = ${name}zi; let ${name}i = ${name}zr;`;

interface Pass {
  readonly read: RowIo['read'];
  readonly write: Required<RowIo>['write'];
  readonly short?: RowIo['short'];
  readonly radix: number;
  readonly done: number;
  /** Whether it reads or writes workgroup memory. */
  readonly reads: boolean;
  readonly writes: boolean;
}

/** How a row's numbers lie in workgroup memory. */
export class RowTransform {
  readonly form: RowForm;
  /** Elements of `line` that the planes of a row take; what a kernel keeps besides comes behind them. */
  readonly planes: number;
  readonly rowSize: number;
  /** Where the numbers are after `passes` (element of `line`, a copy's real parts), and the copy that is free for other use. */
  at = 0;
  free = 0;
  private readonly factors: readonly number[];

  /** @param extra elements of workgroup memory that the kernel keeps for each row besides the planes */
  constructor(
    readonly table: TransformTable,
    variant: RowVariant,
    most: number,
    extra = 0,
  ) {
    this.factors = fftFactors(table.length);
    const copies = variant === 'rows4' ? 2 : 1;
    this.planes = copies * 2 * table.length;
    const widest = Math.max(...this.factors.map((r) => table.length / r));
    this.form = rowForm(variant, widest, 4 * (this.planes + extra), most);
    this.rowSize = this.planes + extra;
  }

  get declaration(): string {
    const type = this.form.variant === 'rows4' ? 'vec4<f32>' : 'f32';
    const rows = this.form.variant === 'rows4' ? 1 : this.form.together;
    return `var<workgroup> line: array<${type}, ${rows * this.rowSize}>;`;
  }

  /** WGSL of an element of a row's workgroup memory. */
  element(index: string, offset = 0): string {
    const terms = [this.form.variant === 'rows4' ? '' : 'base', offset > 0 ? `${offset}u` : '', index];
    return `line[${terms.filter((term) => term !== '').join(' + ')}]`;
  }

  /** The number at `index` after `passes`. */
  result(name: string, index: string): string {
    return `let ${name}r = ${this.element(index, this.at)}; let ${name}i = ${this.element(index, this.at + this.table.length)};`;
  }

  passes({ read, write, short }: RowIo, inverse = false): string {
    const chirped = this.table.rough ? (way: RowIo['read']) => this.chirped(way) : (way: RowIo['read']) => way;
    const input = (way: RowIo['read']): RowIo['read'] => chirped(inverse ? swapped(way) : way);
    const output: RowIo['write'] = write && (inverse ? (index, re, im) => write(index, im, re) : write);
    const list = this.table.rough ? this.roughPasses(input(read), output) : this.smoothPasses(input(read), output);
    if (short) list[0] = { ...list[0], short: { ...short, read: input(short.read) } };
    this.at = 0;
    this.free = 0;
    return list.map((pass) => this.pass(pass)).join('\n');
  }

  /** A pass reads the planes unless it is given something else to read, and likewise writes. */
  private smoothPasses(read?: RowIo['read'], write?: RowIo['write']): Pass[] {
    const { length } = this.table;
    const last = this.factors.length - 1;
    let done = 1;
    return this.factors.map((radix, i) => {
      const own = { read: i === 0 ? read : undefined, write: i === last ? write : undefined };
      const pass: Pass = {
        radix,
        done,
        reads: own.read === undefined,
        writes: own.write === undefined,
        read: own.read ?? ((name, index) => this.result(name, index)),
        write:
          own.write ??
          ((index, re, im) =>
            `${this.element(index, this.free)} = ${re}; ${this.element(index, this.free + length)} = ${im};`),
      };
      done *= radix;
      return pass;
    });
  }

  /** The row's numbers times the chirp, and zeros up to the length of the convolution. */
  private chirped(read: RowIo['read']): RowIo['read'] {
    const { m, chirp } = this.table;
    const zero = this.form.variant === 'rows4' ? 'vec4<f32>()' : '0.0';
    return (name, index) => `
var ${name}r = ${zero}; var ${name}i = ${zero};
if (${index} < ${m}u) {
  ${read('x', index)}
  let c = twiddle[${chirp}u + ${index}];
  ${times('t', 'x', 'c')}
  ${name}r = tr; ${name}i = ti;
}`;
  }

  private roughPasses(chirped: RowIo['read'], write?: RowIo['write']): Pass[] {
    const { m, length, chirp, spectrum } = this.table;
    const convolved: RowIo['read'] = (name, index) =>
      `${this.result(`${name}b`, index)} let ${name}s = twiddle[${spectrum}u + ${index}]; ${times(`${name}p`, `${name}b`, `${name}s`)} let ${name}r = ${name}pi; let ${name}i = ${name}pr;`;
    const back: RowIo['write'] = (index, re, im) => `
if (${index} < ${m}u) {
  let c = twiddle[${chirp}u + ${index}];
  let br = ${im}; let bi = ${re};
  ${times('t', 'b', 'c')}
  ${write ? write(index, 'tr', 'ti') : `${this.element(index, this.free)} = tr; ${this.element(index, this.free + length)} = ti;`}
}`;
    const backward = this.smoothPasses(convolved, back).map((pass, i, { length: count }) => ({
      ...pass,
      reads: true,
      writes: i < count - 1 || write === undefined,
    }));
    return [...this.smoothPasses(chirped), ...backward];
  }

  private pass(pass: Pass): string {
    if (this.form.variant === 'workgroup') return this.sharedPass(pass);
    // From one copy to the other; a pass that reads elsewhere writes the first.
    const half = 2 * this.table.length;
    this.free = pass.reads ? half - this.at : 0;
    const { short } = pass;
    const text = short
      ? `if (${short.condition}) {\n${this.loopPass({ ...pass, read: short.read })}\n} else {\n${this.loopPass(pass)}\n}`
      : this.loopPass(pass);
    if (pass.writes) {
      this.at = this.free;
      this.free = half - this.at;
    }
    return text;
  }

  /** Table steps for the turn of input q, over k. */
  private turn({ radix, done }: Pass, q: number): number {
    return (q * this.table.stride * this.table.length) / (done * radix);
  }

  private loopPass(pass: Pass): string {
    const { radix, done, read, write } = pass;
    const { length, first } = this.table;
    const span = length / radix;
    const inputs = Array.from({ length: radix }, (_, q) => q);
    const turns = done === 1 ? [] : inputs.slice(1);
    const at = (from: string, step: number): string => (step === 0 ? from : `${from} + ${step}u`);
    const inner = [
      ...inputs.map((q) => read(`${turns.includes(q) ? 'a' : 'v'}${q}`, at('j', q * span))),
      ...turns.map((q) => times(`v${q}`, `a${q}`, `w${q}`)),
      butterfly(radix, 'v', 'y'),
      ...inputs.map((q) => write(at('to', q * done), `y${q}r`, `y${q}i`)),
    ].join('\n');
    const table = turns.map((q) => `let w${q} = twiddle[${first}u + k * ${this.turn(pass, q)}u];`).join('\n');
    const across =
      span === done
        ? `let j = ${done === 1 ? '0u' : 'k'}; let to = j;\n${inner}`
        : `var to = ${done === 1 ? '0u' : 'k'};
for (var j = to; j < ${span}u; j += ${done}u) {
${inner}
to += ${done * radix}u;
}`;
    if (done === 1) return `{\n${across}\n}`;
    return `for (var k = 0u; k < ${done}u; k++) {\n${table}\n${across}\n}`;
  }

  private sharedPass(pass: Pass): string {
    const { radix, done, read, write, reads, writes } = pass;
    const { length, first } = this.table;
    const { threads } = this.form;
    const span = length / radix;
    const inputs = Array.from({ length: radix }, (_, q) => q);
    const rounds = Array.from({ length: Math.ceil(span / threads) }, (_, b) => b);
    const take = rounds.map((b) => {
      const full = (b + 1) * threads <= span;
      const v = (q: number): string => `v${b}_${q}`;
      return [
        `let n${b} = lane + ${b * threads}u; let j${b} = ${full ? `n${b}` : `min(n${b}, ${span - 1}u)`}; let k${b} = j${b} % ${done}u;`,
        ...inputs.map((q) => read(done > 1 && q > 0 ? `a${b}_${q}` : v(q), q === 0 ? `j${b}` : `j${b} + ${q * span}u`)),
        ...(done > 1 ? inputs.slice(1) : []).flatMap((q) => [
          `let w${b}_${q} = twiddle[${first}u + k${b} * ${this.turn(pass, q)}u];`,
          times(v(q), `a${b}_${q}`, `w${b}_${q}`),
        ]),
        butterfly(radix, `v${b}_`, `y${b}_`),
      ].join('\n');
    });
    const put = rounds.map((b) => {
      const stores = inputs.map((q) =>
        write(`to${b}${q === 0 ? '' : ` + ${q * done}u`}`, `y${b}_${q}r`, `y${b}_${q}i`),
      );
      return `let to${b} = (j${b} - k${b}) * ${radix}u + k${b};\nif (n${b} < ${span}u) {\n${stores.join('\n')}\n}`;
    });
    const barrier = 'workgroupBarrier();';
    return `{\n${[...take, ...(reads ? [barrier] : []), ...put, ...(writes ? [barrier] : [])].join('\n')}\n}`;
  }
}

/**
 * Which variants hold rows of this transform in the workgroup memory of a device. `extra`: elements besides the planes. Four rows at once are for the WebAssembly device
 * alone: elsewhere a workgroup of one invocation is slow, and drivers take seconds to compile it.
 */
export function rowVariants(table: TransformTable, { device, limits }: DeviceInfo, extra = 0): RowVariant[] {
  const fits = (bytes: number): boolean => table.length >= 1 && bytes <= limits.maxWorkgroupBytes;
  const found: RowVariant[] = [];
  if (fits(4 * (2 * table.length + extra))) found.push('workgroup');
  if (device === 'wasm' && fits(64 * table.length)) found.push('rows4');
  return found;
}
