/** Where the samples of a frame lie in the waveforms, as WGSL. */
import { u32, type Param } from '../launch.js';
import type { StftPadMode, StftPlan } from './plan.js';

export const frameParams = ({ attrs, samples, frames }: StftPlan): Param[] => [
  u32('samples', samples),
  u32('frames', frames),
  u32('hop', attrs.hop),
  u32('pad', attrs.pad),
];

/**
 * `sample_at(clip, i)`: sample i − pad of a clip, i counting from the padding's first; p.pad wraps below zero, so that one comparison finds both ends.
 */
export function sampleFunction(mode: StftPadMode): string {
  const last = 'p.samples - 1u';
  const value: Readonly<Record<StftPadMode, string>> = {
    constant: `select(0.0, x[clip * p.samples + min(at, ${last})], at < p.samples)`,
    edge: `x[clip * p.samples + u32(clamp(i32(at), 0, i32(${last})))]`,
    reflect: `x[clip * p.samples + select(u32(abs(i32(at))), 2u * (${last}) - at, i32(at) > i32(${last}))]`,
  };
  return `
fn sample_at(clip: u32, i: u32) -> f32 {
  let at = i - p.pad;
  return ${value[mode]};
}`;
}
