/**
 * Loudness and sign changes of overlapping frames, without the frames: (N, L) → (N, T, 2), the mean square of each frame and the changes of sign inside
 * of it divided by its length. Frame t is the samples t·hop − pad …; outside of a clip there are zeros, and nothing changes sign.
 * Inputs: waveforms and, with `hasLengths`, the samples of each clip (N) as f32: behind them nothing changes sign either.
 *
 * `scalar`: an invocation owns a frame and walks its samples.
 * `workgroup`: 64 invocations share a frame, so that neighbours read neighbouring samples, and add their parts up in workgroup memory.
 */
import {
  defineLaunch,
  f32,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  u32,
  type Binding,
  type Kernel,
  type LaunchPlan,
  type Problem,
} from './launch.js';

export interface FrameLevelsAttrs {
  readonly frameLength: number;
  readonly hop: number;
  readonly pad: number;
  /** Samples from −threshold up count as positive. */
  readonly threshold: number;
  readonly hasLengths: boolean;
}

const WORKGROUP = 64;

/** Statements over sample `s` of the frame that begins at sample `begin` (counted from the padding's first) of a clip. */
const walk = (start: string, step: string): string => `
    let own = own_length(clip);
    // Of a frame inside of its clip every sample and the one before it can be read as they are.
    if (begin > p.pad && begin + p.frameLength <= p.samples + p.pad) {
      let first = begin - p.pad;
      let at = clip * p.samples + first;
      for (var s = ${start}; s < p.frameLength; s += ${step}) {
        let value = x[at + s];
        let changes = (value < -p.threshold) != (x[at + s - 1u] < -p.threshold);
        energy += value * value;
        crossings += select(0.0, 1.0, changes && s > 0u && first + s < own);
      }
    } else {
      for (var s = ${start}; s < p.frameLength; s += ${step}) {
        let i = begin + s - p.pad;
        let value = select(0.0, x[clip * p.samples + min(i, p.samples - 1u)], i < p.samples);
        let before = x[clip * p.samples + min(i - 1u, p.samples - 1u)];
        let changes = (value < -p.threshold) != (before < -p.threshold);
        energy += value * value;
        crossings += select(0.0, 1.0, changes && s > 0u && i > 0u && i < own);
      }
    }`;

const scalarBody = `
  let row = ${flatIndex(WORKGROUP)};
  if (row < p.rows) {
    let clip = row / p.frames;
    let begin = row % p.frames * p.hop;
    var energy = 0.0;
    var crossings = 0.0;${walk('0u', '1u')}
    result[row] = vec2<f32>(energy, crossings) / f32(p.frameLength);
  }`;

const workgroupBody = `
  let number = wid.y * nwg.x + wid.x;
  let row = min(number, p.rows - 1u);
  let clip = row / p.frames;
  let begin = row % p.frames * p.hop;
  var energy = 0.0;
  var crossings = 0.0;
  {${walk('lindex', `${WORKGROUP}u`)}
  }
  energies[lindex] = energy;
  changes_of[lindex] = crossings;
  workgroupBarrier();
  if (lindex < 8u) {
    var e = 0.0;
    var c = 0.0;
    for (var k = lindex; k < ${WORKGROUP}u; k += 8u) {
      e += energies[k];
      c += changes_of[k];
    }
    parts[lindex] = vec2<f32>(e, c);
  }
  workgroupBarrier();
  if (lindex == 0u && number < p.rows) {
    var sum = parts[0];
    for (var k = 1u; k < 8u; k++) { sum += parts[k]; }
    result[row] = sum / f32(p.frameLength);
  }`;

const choose = ({ device }: Problem<FrameLevelsAttrs>): string =>
  device.device === 'wasm' || device.kind === 'hardware' ? 'workgroup' : 'scalar';

export const frameLevels: Kernel<FrameLevelsAttrs> = {
  name: 'frameLevels',
  fusesEpilogue: false,
  variants: () => ['scalar', 'workgroup'],
  choose,
  launch(problem): LaunchPlan {
    const { inputs, outputs, attrs } = problem;
    const variant = problem.variant ?? choose(problem);
    const [clips, frames] = outputs[0].shape;
    const rows = clips * frames;
    if (rows === 0) return { launches: [] };
    const lengths: Binding[] = attrs.hasLengths ? [{ name: 'lengths', type: 'f32', ref: input(1) }] : [];
    const shared = `var<workgroup> energies: array<f32, ${WORKGROUP}>; var<workgroup> changes_of: array<f32, ${WORKGROUP}>;
var<workgroup> parts: array<vec2<f32>, 8>;`;
    return {
      launches: [
        defineLaunch({
          name: `frameLevels.${variant}`,
          bindings: [
            { name: 'x', type: 'f32', ref: input(0) },
            ...lengths,
            { name: 'result', type: 'vec2<f32>', ref: output(0) },
          ],
          params: [
            u32('rows', rows),
            u32('samples', inputs[0].shape[1]),
            u32('frames', frames),
            u32('frameLength', attrs.frameLength),
            u32('hop', attrs.hop),
            u32('pad', attrs.pad),
            f32('threshold', attrs.threshold),
          ],
          workgroupSize: [WORKGROUP, 1, 1],
          declarations: `${variant === 'workgroup' ? shared : ''}
fn own_length(clip: u32) -> u32 { return ${attrs.hasLengths ? 'u32(lengths[clip])' : 'p.samples'}; }`,
          body: variant === 'workgroup' ? workgroupBody : scalarBody,
          grid: gridFor(rows, variant === 'workgroup' ? 1 : WORKGROUP),
        }),
      ],
    };
  },
  cost: ({ inputs: [x], outputs: [out], attrs }) => ({
    flops: (numel(out.shape) / 2) * attrs.frameLength * 6,
    bytes: 4 * (numel(x.shape) + numel(out.shape)),
  }),
};
