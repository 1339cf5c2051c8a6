/**
 * The short-time spectrum of waveforms (N, L) in one go: frame t of a clip is the samples t·hop − pad …, times the window; frames and spectra of a
 * clip never lie in memory, because a workgroup transforms its frames as it reads them (kernels/fft.ts says how).
 *
 * `stft`: (N, L) → (N, T, bins, 2), or |X|² as (N, T, bins) with `power`. `melSpectrum`: → (N, T, columns), |X|² times a matrix of short runs
 * (kernels/banded.ts) such as a mel filter bank, the power spectrum staying in workgroup memory.
 * Inputs: waveforms, window (nFft), `realTable(nFft)`, and for `melSpectrum` weights and runs of the matrix, then those of its transpose,
 * which only the gradient reads.
 *
 * `passes`: frames, transform, power and bands one after the other through memory; any nFft.
 * `workgroup`: threads share a frame; one launch. `rows4`: an invocation does four frames, one in each lane of a vec4; one launch.
 */
import { numel, type Cost, type Kernel, type LaunchPlan, type Problem } from './launch.js';
import { chooseFft, fftVariants, transformCost } from './fft/choose.js';
import type { RowVariant } from './fft/row-form.js';
import { packedLength, transformTable } from './fft/tables.js';
import { passesPlan } from './stft/passes.js';
import { planOf, powerRoom, type MelSpectrumAttrs, type StftAttrs } from './stft/plan.js';
import { rowsPlan } from './stft/rows.js';

function kernelOf<Attrs extends StftAttrs | MelSpectrumAttrs>(name: string): Kernel<Attrs> {
  const variants = (problem: Problem<Attrs>) => {
    const plan = planOf(problem);
    return fftVariants(transformTable(plan.nFft, packedLength(plan.nFft)), problem.device, powerRoom(plan));
  };
  const choose = (problem: Problem<Attrs>): string => {
    const { clips, frames } = planOf(problem);
    return chooseFft(clips * frames, variants(problem), problem.device);
  };
  return {
    name,
    fusesEpilogue: false,
    variants,
    choose,
    launch(problem): LaunchPlan {
      const plan = planOf(problem);
      if (numel(problem.outputs[0].shape) === 0) return { launches: [] };
      const variant = problem.variant ?? choose(problem);
      return variant === 'passes' ? passesPlan(plan) : rowsPlan(plan, variant as RowVariant, problem.device);
    },
    cost(problem): Cost {
      const { clips, frames, nFft, samples } = planOf(problem);
      const rows = clips * frames;
      const table = transformTable(nFft, packedLength(nFft));
      const inner = transformCost(rows, table, problem.variant ?? choose(problem));
      const bands = problem.inputs.length > 3 ? 2 * rows * problem.inputs[3].shape[0] : 0;
      return {
        flops: inner.flops + 10 * rows * nFft + bands,
        bytes: 4 * (clips * samples + numel(problem.outputs[0].shape)),
      };
    },
  };
}

export const stft: Kernel<StftAttrs> = kernelOf('stft');
export const melSpectrum: Kernel<MelSpectrumAttrs> = kernelOf('melSpectrum');

export { stftFrames, type FramesAttrs, type MelSpectrumAttrs, type StftAttrs, type StftPadMode } from './stft/plan.js';
