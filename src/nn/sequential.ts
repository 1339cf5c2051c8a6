/** Layers one after the other. */
import type { Tensor } from '../tensor/index.js';
import { Module, type Layer } from './module.js';

/** Chains layers; state is named by position, as in PyTorch: `0.weight`. */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    super();
    this.layers = layers;
  }

  override namedChildren(): [name: string, module: Module][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer.forward(y), x);
  }
}
