/**
 * Two ways in which a workgroup holds whole rows in its memory, real and imaginary parts in planes of their own.
 *
 * `workgroup`: threads share a row (short rows share a workgroup). A pass takes its inputs into registers, and after a barrier puts its
 * outputs in their place, so that one copy of the row is enough.
 * `rows4`: one invocation, four rows: lane r of every vec4 belongs to row r, so that a butterfly is plain SIMD without shuffles and
 * needs no barrier. Passes go from one copy of the rows to another. Made for the WebAssembly device, which runs vec4 as v128.
 */
import { gridFor } from '../launch.js';

export type RowVariant = 'workgroup' | 'rows4';

export interface RowForm {
  readonly variant: RowVariant;
  /** Rows of a workgroup, and threads of a row. */
  readonly together: number;
  readonly threads: number;
  readonly workgroup: number;
  /** Names of the variables that hold a row's number: of one row, or of four. */
  readonly rows: readonly string[];
  /** The value of an expression for the row, or for the four rows as a vec4. */
  gather(text: (row: string) => string): string;
  /** The part of such a value that belongs to the r-th of `rows`. */
  lane(value: string, r: number): string;
}

const MOST_THREADS = 256;
const WORKGROUP = 64;

/** @param widest most butterflies of a pass; rowBytes: what a row takes of the workgroup's `most` bytes of memory */
export function rowForm(variant: RowVariant, widest: number, rowBytes: number, most: number): RowForm {
  if (variant === 'rows4') {
    return {
      variant,
      together: 4,
      threads: 1,
      workgroup: 1,
      rows: ['row0', 'row1', 'row2', 'row3'],
      gather: (text) => `vec4<f32>(${[0, 1, 2, 3].map((r) => text(`row${r}`)).join(', ')})`,
      lane: (value, r) => `${value}[${r}]`,
    };
  }
  const threads = Math.min(MOST_THREADS, 2 ** Math.ceil(Math.log2(Math.max(1, widest))));
  const room = 2 ** Math.floor(Math.log2(Math.max(1, most / rowBytes)));
  const together = Math.max(1, Math.min(WORKGROUP / threads, room));
  return {
    variant,
    together,
    threads,
    workgroup: together * threads,
    rows: ['row0'],
    gather: (text) => text('row0'),
    lane: (value) => value,
  };
}

/** Workgroups for `rows` rows. */
export const rowGrid = (form: RowForm, rows: number): [number, number, number] => gridFor(rows, form.together);

/**
 * The body of a kernel over rows round `inner`, which sees the numbers of its rows (`p.rows` of them in all), `lane` (the thread of its row), `base` (where its
 * row begins in workgroup memory) and `row_ok`: false for a thread that only fills up the grid, which must not store.
 */
export function rowBody(form: RowForm, rowSize: number, inner: string): string {
  if (form.variant === 'rows4') {
    // Lanes past the last row repeat it.
    return `
  let number = (wid.y * nwg.x + wid.x) * 4u;
  if (number < p.rows) {
${form.rows.map((row, r) => `  let ${row} = min(number + ${r}u, p.rows - 1u);`).join('\n')}
${inner}
  }`;
  }
  return `
  let slot = lindex / ${form.threads}u;
  let lane = lindex % ${form.threads}u;
  let number = (wid.y * nwg.x + wid.x) * ${form.together}u + slot;
  let row_ok = number < p.rows;
  let row0 = min(number, p.rows - 1u);
  let base = slot * ${rowSize}u;
${inner}`;
}

/** Statements for every `index` from 0 below `count`, shared out among the threads of a row. */
export function eachElement(form: RowForm, index: string, count: string, body: string): string {
  return form.variant === 'rows4'
    ? `for (var ${index} = 0u; ${index} < ${count}; ${index}++) {\n${body}\n}`
    : `for (var ${index} = lane; ${index} < ${count}; ${index} += ${form.threads}u) {\n${body}\n}`;
}

/** Stores of a value of every row: `statement(row, its part of each value)`. */
export function storeRows(
  form: RowForm,
  values: readonly string[],
  statement: (row: string, parts: string[]) => string,
): string {
  const stores = form.rows
    .map((row, r) =>
      statement(
        row,
        values.map((value) => form.lane(value, r)),
      ),
    )
    .join('\n');
  return form.variant === 'rows4' ? stores : `if (row_ok) { ${stores} }`;
}
