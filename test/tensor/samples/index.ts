/** A check for every op of the table: an op that is registered without one does not compile. */
import type { OpName } from '../../../src/tensor/index.js';
import type { Exempt, OpSamples } from '../../support/gradcheck.js';
import { bandExtremes } from './band-extremes.js';
import { banded, bandedColumns } from './banded.js';
import { elementwise } from './elementwise.js';
import { pools } from './pools.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { sequences } from './sequences.js';
import { spectra } from './spectra.js';
import { casts, sources } from './sources.js';
import { views } from './views.js';

const OPTIMIZER = 'writes state in place and has no gradient; held to PyTorch in test/nn and test/kernels';

export const samples: Record<OpName, OpSamples | Exempt> = {
  ...elementwise,
  banded,
  bandedColumns,
  ...bandExtremes,
  ...views,
  ...reductions,
  ...products,
  ...pools,
  ...sequences,
  ...spectra,
  ...sources,
  ...casts,
  adam: { exempt: OPTIMIZER },
  rmsprop: { exempt: OPTIMIZER },
  rmspropMomentum: { exempt: OPTIMIZER },
  sgd: { exempt: OPTIMIZER },
  sgdMomentum: { exempt: OPTIMIZER },
  pack: { exempt: 'lays gradients into stored memory of an optimizer; checked by itself below' },
};
