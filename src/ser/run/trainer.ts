/** The training loop: batches in a seeded order, steps, validation after each epoch, checkpoints, early stopping. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { manualSeed, randomState, readAll, setRandomState, type Tensor } from '../../tensor/index.js';
import { WeightAverage, crossEntropyLoss, type Optimizer, type StateDict } from '../../nn/index.js';
import { EmbeddingModel, createModel, type ModelSettings, type SerModel } from '../models/index.js';
import { classWeights } from './class-balance.js';
import { loadCheckpoint, saveCheckpoint, saveModel, type EpochLog, type Progress } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { runFiles } from './config.js';
import { fingerprint, type Dataset } from './dataset.js';
import { RunError } from './errors.js';
import { FEWEST_CLIPS, epochOrder, epochOrderBySpeaker } from './epoch-order.js';
import { HitCount } from './hit-count.js';
import { isSequence } from '../feature-kinds.js';
import { makeOptimizer, makeSchedule, type Schedule } from './optimization.js';
import { loadWeights } from './restore.js';
import { RunLog } from './run-log.js';
import { longest, score, scoresOn, type Scored } from './score.js';
import { trainingBatch } from './training-batch.js';
import type { Hooks } from './types.js';

/** Steps between two readings of losses: the device never waits for the host in between. */
const READ_EVERY = 10;

export class Trainer {
  readonly model: SerModel;
  readonly settings: ModelSettings;
  private readonly optimizer: Optimizer;
  private readonly schedule: Schedule;
  private readonly average: WeightAverage | undefined;
  private readonly log: RunLog;
  /** A factor a class in the loss. */
  private readonly weight: number[] | undefined;
  private readonly frames: number;
  private readonly stepsPerEpoch: number;
  /** Whether batches have one speaker each: inside such a model, a batch's statistics are to be a speaker's. */
  private readonly bySpeaker: boolean;
  private epoch = 0;
  private step = 0;
  private losses: number[] = [];
  private readonly hits = new HitCount();
  /** Training clips of this epoch that were recognised, as last read; undefined where an older checkpoint does not say. */
  private correct: number | undefined = 0;
  private waiting: Tensor[] = [];
  private history: EpochLog[] = [];
  private best = { epoch: 0, uar: -1, loss: Infinity };
  private bestWeights: StateDict | undefined;
  private secondsBefore = 0;
  private finished = false;
  private started = performance.now();

  constructor(
    private readonly run: string,
    private readonly config: RunConfig,
    private readonly data: Dataset,
  ) {
    const { train, classes } = data;
    if (train.items.length < config.batchSize) {
      throw new RunError(
        `There are ${train.items.length} training clips, less than one batch of ${config.batchSize}. Give more data or a smaller --batch-size.`,
      );
    }
    this.frames = isSequence(config.features)
      ? longest([...data.train.items, ...data.validation.items, ...data.test.items])
      : 1;
    this.settings = {
      model: config.model,
      features: config.features,
      width: train.items[0].width,
      classes: classes.length,
      size: config.size,
      dropout: config.dropout,
    };
    manualSeed(config.seed % 2 ** 32);
    this.model = createModel(this.settings);
    this.bySpeaker = config.normalize === 'speaker' && this.model instanceof EmbeddingModel;
    this.stepsPerEpoch = Math.floor(this.order().length / config.batchSize);
    if (this.stepsPerEpoch === 0) {
      throw new RunError(
        `No training speaker has ${FEWEST_CLIPS} clips or more, which it takes to normalise within the speaker. Give more clips of each, or use --normalize global.`,
      );
    }
    this.optimizer = makeOptimizer(this.model.namedParameters(), config);
    this.schedule = makeSchedule(this.optimizer, config, config.epochs * this.stepsPerEpoch);
    this.average = config.average > 0 ? new WeightAverage(this.model, config.average) : undefined;
    this.weight = config.classWeights ? classWeights(train.labels, classes.length) : undefined;
    this.log = new RunLog(run);
  }

  get progress(): Progress {
    return {
      epoch: this.epoch,
      step: this.step,
      losses: this.losses,
      correct: this.correct,
      history: this.history,
      best: this.best,
      seconds: this.secondsBefore + (performance.now() - this.started) / 1000,
      finished: this.finished,
    };
  }

  /** Trained frames of a sequence, for batches of other data. */
  get sequenceFrames(): number {
    return this.frames;
  }

  /** Goes back to the last checkpoint; no file is changed. @throws RunError where the data are no longer those of the run */
  restore(): void {
    const saved = loadCheckpoint(runFiles(this.run).checkpoint);
    if (saved.data !== undefined && saved.data !== fingerprint(this.data)) {
      throw new RunError(
        `The corpora are not those that ${this.run} was trained on: files were added, changed or removed, or can no longer be read. ` +
          'Put them back, or start a new run.',
      );
    }
    loadWeights(this.model, saved.weights, this.run);
    this.optimizer.loadStateDict(saved.optimizer);
    this.schedule.loadStateDict(saved.scheduler);
    if (saved.average) this.average?.loadStateDict(saved.average);
    setRandomState(saved.random);
    this.bestWeights = saved.bestWeights;
    ({ epoch: this.epoch, step: this.step, best: this.best, finished: this.finished } = saved.progress);
    this.losses = [...saved.progress.losses];
    this.correct = saved.progress.correct ?? (this.step === 0 ? 0 : undefined);
    this.hits.set(this.correct ?? 0);
    this.history = [...saved.progress.history];
    this.secondsBefore = saved.progress.seconds;
  }

  /**
   * Takes up a run that was stopped, however that happened: from the last checkpoint, or from the beginning where there is none. The log and
   * the best weights are made to agree with it, and files that were being written are removed.
   * @returns whether there was a checkpoint
   */
  resume(): boolean {
    const found = existsSync(runFiles(this.run).checkpoint);
    if (found) this.restore();
    for (const name of readdirSync(this.run)) {
      if (/^\..*\.tmp$/.test(name)) rmSync(path.join(this.run, name));
    }
    this.log.rewrite(this.history);
    if (this.best.epoch > 0) this.writeModel();
    return found;
  }

  /** Trains to the end, or until the signal: then what was reached is saved. Afterwards the model has its best weights. */
  async train(hooks: Hooks): Promise<void> {
    this.started = performance.now();
    while (!this.finished && !hooks.signal?.aborted) await this.runEpoch(hooks);
    if (hooks.signal?.aborted && !this.finished) await this.checkpoint();
    this.useBest();
  }

  /** Puts the best weights so far into the model, in evaluation mode. */
  useBest(): void {
    if (this.bestWeights) this.model.loadStateDict(this.bestWeights);
    this.model.eval();
  }

  /** Training clips of this epoch in their order, batch after batch. */
  private order(): number[] {
    const { labels, clips } = this.data.train;
    const { seed, balanced, batchSize } = this.config;
    const options = { seed, balanced, epoch: this.epoch };
    if (!this.bySpeaker) return epochOrder(labels, options);
    const speakers = clips.map(({ speaker }) => speaker);
    return epochOrderBySpeaker(labels, speakers, batchSize, options);
  }

  private async runEpoch(hooks: Hooks): Promise<void> {
    const { config, data } = this;
    const begin = performance.now();
    const order = this.order();
    this.model.train();
    const firstStep = this.step;
    while (this.step < this.stepsPerEpoch) {
      this.trainStep(order.slice(this.step * config.batchSize, (this.step + 1) * config.batchSize));
      this.step++;
      if (this.waiting.length >= READ_EVERY) await this.drain();
      hooks.onProgress?.({
        stage: 'train',
        done: this.epoch * this.stepsPerEpoch + this.step,
        total: config.epochs * this.stepsPerEpoch,
      });
      if (hooks.signal?.aborted) break;
    }
    await this.drain();
    if (this.step < this.stepsPerEpoch) return;

    const { scored, weights } = await this.validate();
    const { accuracy, uar } = scoresOn(scored.probabilities, data.validation.labels, data.classes.length);
    const loss = this.losses.reduce((a, b) => a + b, 0) / this.losses.length;
    const trainAccuracy = this.correct === undefined ? undefined : this.correct / (this.step * config.batchSize);
    const seconds = (performance.now() - begin) / 1000;
    const lr = this.optimizer.lr;
    this.schedule.afterEpoch(scored.loss);
    this.epoch++;
    const clipsPerSecond = ((this.step - firstStep) * config.batchSize) / seconds;
    this.step = 0;
    this.losses = [];
    this.correct = 0;
    this.hits.set(0);
    const line: EpochLog = {
      epoch: this.epoch,
      loss,
      trainAccuracy,
      validationLoss: scored.loss,
      validationAccuracy: accuracy,
      validationUar: uar,
      lr,
      seconds,
      clipsPerSecond,
    };
    this.history.push(line);
    const better = this.isBetter(uar, scored.loss);
    if (better) {
      this.best = { epoch: this.epoch, uar, loss: scored.loss };
      this.bestWeights = weights ?? (await this.model.stateDict());
    }
    const stale = this.epoch - this.best.epoch;
    this.finished = this.epoch >= config.epochs || (config.patience > 0 && stale >= config.patience);
    this.log.append(line);
    await this.checkpoint();
    if (better) this.writeModel();
    hooks.onProgress?.({
      stage: 'train',
      done: this.epoch * this.stepsPerEpoch,
      total: config.epochs * this.stepsPerEpoch,
      epoch: {
        epoch: this.epoch,
        epochs: config.epochs,
        loss,
        validationLoss: scored.loss,
        validationAccuracy: accuracy,
        validationUar: uar,
        clipsPerSecond,
        secondsLeft: (config.epochs - this.epoch) * seconds,
      },
    });
  }

  private isBetter(uar: number, loss: number): boolean {
    const { best } = this;
    switch (this.config.choose) {
      case 'uar':
        return uar > best.uar || (uar === best.uar && loss < best.loss);
      case 'loss':
        return loss < best.loss;
      case 'last':
        return true;
    }
  }

  /** Scores the validation clips with the averaged weights where there are some; those are then given, and the model has its own again. */
  private async validate(): Promise<{ scored: Scored; weights?: StateDict }> {
    const { validation } = this.data;
    const own = this.average && (await this.model.stateDict());
    const averaged = await this.average?.stateDict();
    if (averaged) this.model.loadStateDict(averaged.weights);
    const scored = await score(this.model, validation.items, validation.labels, {
      features: this.config.features,
      frames: this.frames,
      batchSize: this.config.batchSize,
      speakers: this.config.normalize === 'speaker' ? validation.clips.map(({ speaker }) => speaker) : undefined,
    });
    if (own) this.model.loadStateDict(own);
    return { scored, weights: averaged?.weights };
  }

  private trainStep(indices: readonly number[]): void {
    const { config, data, frames, epoch, step } = this;
    const { input, labels } = trainingBatch(data, indices, config, {
      frames,
      epoch,
      step,
      repeats: config.balanced || this.bySpeaker,
    });
    this.optimizer.zeroGrad();
    const logits = this.model.forward(input);
    this.hits.add(logits, labels);
    const loss = crossEntropyLoss(logits, labels, {
      weight: this.weight,
      labelSmoothing: config.labelSmoothing,
    });
    loss.backward();
    this.optimizer.step();
    this.average?.update();
    this.schedule.afterStep();
    this.waiting.push(loss);
  }

  private async drain(): Promise<void> {
    if (this.waiting.length === 0) return;
    const [[correct], ...losses] = await readAll([this.hits.value, ...this.waiting]);
    this.waiting = [];
    if (this.correct !== undefined) this.correct = correct;
    for (const [value] of losses) {
      if (!Number.isFinite(value)) {
        throw new RunError(
          `The loss became ${value} in epoch ${this.epoch + 1}. Use a smaller --learning-rate; the last checkpoint is untouched.`,
        );
      }
      this.losses.push(value);
    }
  }

  private async checkpoint(): Promise<void> {
    await this.drain();
    const weights = await this.model.stateDict();
    saveCheckpoint(runFiles(this.run).checkpoint, {
      weights,
      bestWeights: this.bestWeights ?? weights,
      optimizer: await this.optimizer.stateDict(),
      scheduler: this.schedule.stateDict(),
      average: await this.average?.stateDict(),
      random: randomState(),
      progress: this.progress,
      data: fingerprint(this.data),
    });
  }

  /** The best weights so far, for `evaluate`, `predict` and `export`. */
  private writeModel(): void {
    if (!this.bestWeights) return;
    saveModel(runFiles(this.run).model, {
      settings: this.settings,
      classes: this.data.classes,
      frames: this.frames,
      normalizer: this.data.normalizer,
      weights: this.bestWeights,
      bestEpoch: this.best.epoch,
    });
  }

  /** Gives back the device memory of model and optimizer. */
  dispose(): void {
    this.model[Symbol.dispose]();
    this.optimizer[Symbol.dispose]();
    this.average?.[Symbol.dispose]();
    this.hits[Symbol.dispose]();
  }
}
