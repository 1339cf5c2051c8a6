/** A table of vectors looked up by number. */
import { gather, parameter, type Parameter, type Tensor } from '../tensor/index.js';
import { normal } from './init.js';
import { Module, checkSize } from './module.js';

/** indices (…) u32 → (…, E). Weight (V, E), begins as N(0, 1), PyTorch's default. An index outside of the table gives zeros. */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
  ) {
    super();
    checkSize('Embedding', 'numEmbeddings', numEmbeddings);
    checkSize('Embedding', 'embeddingDim', embeddingDim);
    const shape = [numEmbeddings, embeddingDim];
    this.weight = parameter(normal(shape), shape, 'Embedding.weight');
  }

  /** @throws DTypeError unless the indices are u32 */
  override forward(indices: Tensor): Tensor {
    return gather(this.weight, indices);
  }
}
