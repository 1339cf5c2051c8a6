/** Bands with one, several and all of their bins taken, apart and overlapping; values that do not tie. */
import { ops, tensor, type OpName } from '../../../src/tensor/index.js';
import { record } from '../../../src/tensor/record.js';
import { bandExtremesGradOracle, bandExtremesOracle, type Band } from '../../oracles/band-extremes.js';
import { distinct, uniform, type OpSamples, type SampleInput } from '../../support/gradcheck.js';

const BANDS: readonly Band[] = [
  [0, 4, 1],
  [3, 12, 3],
  [5, 12, 6],
  [9, 11, 2],
];
const table = () => tensor(Uint32Array.from(BANDS.flat()), [BANDS.length, 3]);

/** The bins themselves, fixed: the gradient is not differentiated by them. */
const ordered: SampleInput = { ...distinct([3, 12]), differentiable: false };

export const bandExtremes = {
  bandExtremes: {
    samples: [
      {
        title: 'bandExtremes (3, 12)',
        inputs: [distinct([3, 12])],
        run: ([x]) => [record(ops.bandExtremes, [x, table()], {})],
        forward: ([x]) => [bandExtremesOracle(x.data, 12, BANDS)],
      },
    ],
  },
  bandExtremesGrad: {
    samples: [
      {
        title: 'bandExtremesGrad (3, 12)',
        inputs: [ordered, uniform([3, BANDS.length, 2])],
        run: ([x, dy]) => [record(ops.bandExtremesGrad, [x, table(), dy], {})],
        forward: ([x, dy]) => [bandExtremesGradOracle(x.data, 12, BANDS, dy.data)],
      },
    ],
  },
} satisfies Partial<Record<OpName, OpSamples>>;
