/**
 * Means of the largest and of the smallest bins of bands, without sorting: x (R, bins) and a table (bands, 3) of first bin, bin behind the last, and `count`
 * (1 … bins of the band) → (R, bands, 2). Values are finite; bands may overlap.
 *
 * An invocation owns a band of a row; a workgroup has 64 rows of one band, so that its invocations walk in step. One bin of each kind is a running
 * maximum and minimum. Up to four are kept in order in registers: a new value goes down the list, and each place keeps the larger one and
 * hands on the smaller (insertion sort). For more, the band is walked again for the next four, past the last one taken: values beyond it, and as
 * many equal ones as are left.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  u32,
  type Kernel,
  type LaunchPlan,
  type Problem,
} from './launch.js';

const WORKGROUP = 64;
/** Beyond every value: the largest float32. */
const FAR = '3.4028234663852886e38';
const PLACES = [0, 1, 2, 3];

/** How the largest and the smallest are told apart: the end of the numbers where lists begin, what a place keeps and hands on, what lies beyond. */
interface Side {
  readonly name: 'most' | 'least';
  readonly empty: string;
  readonly keep: 'max' | 'min';
  readonly pass: 'max' | 'min';
  readonly beyond: '<' | '>';
}

const SIDES: readonly Side[] = [
  { name: 'most', empty: `-${FAR}`, keep: 'max', pass: 'min', beyond: '<' },
  { name: 'least', empty: FAR, keep: 'min', pass: 'max', beyond: '>' },
];

const each = (text: (side: Side) => string): string => SIDES.map(text).join('\n');

const emptyLists = each(({ name, empty }) => PLACES.map((k) => `var ${name}${k} = ${empty};`).join(' '));

/** `value` goes down a list. */
const insert = ({ name, keep, pass }: Side, value: string): string =>
  PLACES.map((k) => {
    const given = k === 0 ? value : `${name}_rest${k - 1}`;
    const rest = k < 3 ? `let ${name}_rest${k} = ${pass}(${name}${k}, ${given}); ` : '';
    return `${rest}${name}${k} = ${keep}(${name}${k}, ${given});`;
  }).join('\n');

/** The first `left` places. */
const listSum = ({ name }: Side): string =>
  `${name}0 + ${[1, 2, 3].map((k) => `select(0.0, ${name}${k}, left > ${k}u)`).join(' + ')}`;

const again = ({ name, empty, beyond }: Side): string => `
        let ${name}_equal = value == ${name}_end;
        let ${name}_free = (value ${beyond} ${name}_end) | (${name}_equal & (${name}_skip == 0u));
        ${name}_skip -= select(0u, 1u, ${name}_equal & (${name}_skip > 0u));
        let ${name}_value = select(${empty}, value, ${name}_free);`;

/** After a walk: the last value taken, and how many of that size have been. */
const advance = ({ name }: Side): string => `
      ${name}_taken = select(0u, ${name}_taken, ${name}3 == ${name}_end) + 1u + ${[0, 1, 2]
        .map((k) => `select(0u, 1u, ${name}${k} == ${name}3)`)
        .join(' + ')};
      ${name}_end = ${name}3;`;

const body = `
  let row = ${flatIndex(WORKGROUP)};
  let first = bands[3u * wid.z];
  let size = bands[3u * wid.z + 1u] - first;
  let count = bands[3u * wid.z + 2u];
  if (row < p.rows) {
    let start = row * p.bins + first;
    var most = 0.0;
    var least = 0.0;
    if (count == 1u) {
      most = x[start];
      least = most;
      for (var i = 1u; i < size; i++) {
        let value = x[start + i];
        most = max(most, value);
        least = min(least, value);
      }
    } else if (count <= 4u) {
      let left = count;
      ${emptyLists}
      for (var i = 0u; i < size; i++) {
        let value = x[start + i];
${each((side) => insert(side, 'value'))}
      }
      ${each((side) => `${side.name} = ${listSum(side)};`)}
    } else {
      ${each(({ name, keep }) => `var ${name}_end = ${keep === 'max' ? '' : '-'}${FAR}; var ${name}_taken = 0u;`)}
      for (var done = 0u; done < count; done += 4u) {
      let left = count - done;
      ${emptyLists}
      ${each(({ name }) => `var ${name}_skip = ${name}_taken;`)}
      for (var i = 0u; i < size; i++) {
        let value = x[start + i];${each(again)}
${each((side) => insert(side, `${side.name}_value`))}
      }
      ${each((side) => `${side.name} += ${listSum(side)};`)}${each(advance)}
      }
    }
    let place = 2u * (row * nwg.z + wid.z);
    result[place] = most / f32(count);
    result[place + 1u] = least / f32(count);
  }`;

/** Inputs: x (R, bins), bands (B, 3) u32. */
export const bandExtremes: Kernel = {
  name: 'bandExtremes',
  fusesEpilogue: false,
  variants: () => ['scalar'],
  choose: () => 'scalar',
  launch({ inputs: [x, bands] }: Problem): LaunchPlan {
    const [rows, bins] = x.shape;
    if (rows === 0 || bands.shape[0] === 0) return { launches: [] };
    const [across, down] = gridFor(rows, WORKGROUP);
    return {
      launches: [
        defineLaunch({
          name: 'bandExtremes.scalar',
          bindings: [
            { name: 'x', type: 'f32', ref: input(0) },
            { name: 'bands', type: 'u32', ref: input(1) },
            { name: 'result', type: 'f32', ref: output(0) },
          ],
          params: [u32('rows', rows), u32('bins', bins)],
          workgroupSize: [WORKGROUP, 1, 1],
          body,
          grid: [across, down, bands.shape[0]],
        }),
      ],
    };
  },
  cost: ({ inputs: [x], outputs: [out] }) => ({
    flops: 2 * numel(x.shape),
    bytes: 4 * (numel(x.shape) + numel(out.shape)),
  }),
};

/**
 * The gradient: inputs x (R, bins), bands (B, 3), dy (R, B, 2) → dx (R, bins). A bin that is among the `count` largest of a band gets dy / count of their mean,
 * the same with the smallest. Of equal bins the earlier one counts as the smaller.
 *
 * An invocation owns a bin of a row and finds its place in each band that holds it by comparing it with all others there.
 */
export const bandExtremesGrad: Kernel = {
  name: 'bandExtremesGrad',
  fusesEpilogue: false,
  variants: () => ['scalar'],
  choose: () => 'scalar',
  launch({ inputs: [x, bands] }: Problem): LaunchPlan {
    const count = numel(x.shape);
    if (count === 0) return { launches: [] };
    return {
      launches: [
        defineLaunch({
          name: 'bandExtremesGrad.scalar',
          bindings: [
            { name: 'x', type: 'f32', ref: input(0) },
            { name: 'bands', type: 'u32', ref: input(1) },
            { name: 'dy', type: 'f32', ref: input(2) },
            { name: 'dx', type: 'f32', ref: output(0) },
          ],
          params: [u32('count', count), u32('bins', x.shape[1]), u32('bands', bands.shape[0])],
          workgroupSize: [WORKGROUP, 1, 1],
          body: `
  let index = ${flatIndex(WORKGROUP)};
  if (index < p.count) {
    let row = index / p.bins;
    let own = index - row * p.bins;
    let value = x[index];
    var sum = 0.0;
    for (var band = 0u; band < p.bands; band++) {
      let first = bands[3u * band];
      let end = bands[3u * band + 1u];
      if (own >= first && own < end) {
        var smaller = 0u;
        for (var i = first; i < end; i++) {
          let other = x[row * p.bins + i];
          smaller += select(0u, 1u, (other < value) | ((other == value) & (i < own)));
        }
        let count = bands[3u * band + 2u];
        let place = 2u * (row * p.bands + band);
        let share = select(0.0, dy[place], smaller + count >= end - first) + select(0.0, dy[place + 1u], smaller < count);
        sum += share / f32(count);
      }
    }
    dx[index] = sum;
  }`,
          grid: gridFor(count, WORKGROUP),
        }),
      ],
    };
  },
  cost: ({ inputs: [x, bands], outputs: [out] }) => ({
    flops: numel(x.shape) * (x.shape[1] / Math.max(1, bands.shape[0])),
    bytes: 4 * (numel(x.shape) + numel(out.shape)),
  }),
};
