/** One float64 step of stochastic gradient descent on plain arrays, in place. */
export interface SgdSettings {
  readonly lr: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly nesterov: boolean;
}

export interface SgdState {
  readonly params: Float64Array;
  readonly velocity: Float64Array;
}

export function sgdOracle(state: SgdState, grads: ArrayLike<number>, settings: SgdSettings): void {
  const { params, velocity } = state;
  const { lr, weightDecay, momentum, nesterov } = settings;
  for (let i = 0; i < params.length; i++) {
    const g = grads[i] + weightDecay * params[i];
    velocity[i] = momentum * velocity[i] + g;
    params[i] -= lr * (nesterov ? g + momentum * velocity[i] : velocity[i]);
  }
}
