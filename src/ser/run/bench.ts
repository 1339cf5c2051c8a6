/** `formant bench step`: one training step of a model, timed and counted. */
import { counters, init, manualSeed, memory, readAll, tensor, type Tensor } from '../../tensor/index.js';
import { Adam, crossEntropyLoss } from '../../nn/index.js';
import {
  createModel,
  defaultFeatures,
  IMAGE_SIZE,
  MODELS,
  type FeatureName,
  type ModelInput,
  type ModelName,
} from '../models/index.js';
import { isSequence, isVector } from '../feature-kinds.js';
import { featureWidth, MAX_FRAMES } from '../features/index.js';
import { RunError } from './errors.js';

export interface StepOptions {
  readonly model?: ModelName;
  readonly batch?: number;
  /** Timed steps after the first three. */
  readonly steps?: number;
}

export interface StepTimes {
  readonly model: ModelName;
  readonly batch: number;
  readonly adapter: string;
  readonly firstStepMs: number;
  readonly medianMs: number;
  /** Of one steady-state step. */
  readonly dispatches: number;
  readonly submits: number;
  readonly buffersCreated: number;
  readonly bindGroupsCreated: number;
  /** Most device memory at once. */
  readonly peakBytes: number;
}

const CLASSES = 7;

/** Times whole steps (forward, backward, Adam) from data on the host to the loss read back; default: Table V at batch 32. */
export async function benchStep(options: StepOptions = {}): Promise<StepTimes> {
  const { model: name = 'table-v', batch = 32, steps = 7 } = options;
  if (!MODELS.includes(name))
    throw new RunError(`The model "${name}" is not known; choose one of ${MODELS.join(', ')}.`);
  const device = await init();
  manualSeed(0);
  const features = defaultFeatures(name);
  const model = createModel({
    model: name,
    features,
    width: featureWidth(features),
    classes: CLASSES,
    size: 'base',
    dropout: 0.4,
  });
  const optimizer = new Adam(model.namedParameters());
  const step = (seed: number): Tensor => {
    const { input, labels } = syntheticBatch(features, batch, seed);
    optimizer.zeroGrad();
    const loss = crossEntropyLoss(model.forward(input), labels);
    loss.backward();
    optimizer.step();
    return loss;
  };
  try {
    const timed = async (seed: number): Promise<number> => {
      const start = performance.now();
      await readAll([step(seed)]);
      return performance.now() - start;
    };
    const firstStepMs = await timed(0);
    for (let i = 1; i < 3; i++) await timed(i);
    const before = counters();
    const loss = step(3);
    const after = counters();
    await readAll([loss]);
    const times: number[] = [];
    for (let i = 0; i < steps; i++) times.push(await timed(4 + i));
    return {
      model: name,
      batch,
      adapter: device.info.description,
      firstStepMs,
      medianMs: times.sort((a, b) => a - b)[Math.floor(times.length / 2)],
      dispatches: after.dispatches - before.dispatches,
      submits: after.submits - before.submits,
      buffersCreated: after.buffersCreated - before.buffersCreated,
      bindGroupsCreated: after.bindGroupsCreated - before.bindGroupsCreated,
      peakBytes: memory().peakBytes,
    };
  } finally {
    model[Symbol.dispose]();
    optimizer[Symbol.dispose]();
  }
}

function syntheticBatch(features: FeatureName, batch: number, seed: number): { input: ModelInput; labels: Tensor } {
  const shape = isVector(features)
    ? [batch, featureWidth(features), 1]
    : isSequence(features)
      ? [batch, MAX_FRAMES, featureWidth(features)]
      : [batch, IMAGE_SIZE, IMAGE_SIZE, 1];
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.7 + seed));
  const lengths = isSequence(features) ? tensor(new Uint32Array(batch).fill(MAX_FRAMES)) : undefined;
  return {
    input: { x: tensor(data, shape), lengths },
    labels: tensor(Int32Array.from({ length: batch }, (_, i) => (i + seed) % CLASSES)),
  };
}
