/** `formant train`: a new run, or one that goes on. */
import { existsSync, rmSync } from 'node:fs';
import { writeFileAtomic } from '../../io/index.js';
import { init } from '../../tensor/index.js';
import { createRun, readConfig, resolveConfig, runFiles, type RunConfig } from './config.js';
import { loadDataset } from './dataset.js';
import { RunError } from './errors.js';
import { finish } from './result.js';
import { Trainer } from './trainer.js';
import type { Hooks, ResumeOptions, RunResult, TrainOptions } from './types.js';

/**
 * Trains a model and tests its best weights on the held-out clips. Writes config.json, log.jsonl, checkpoint.safetensors, model.safetensors,
 * result.json and report.html into `options.out`.
 * @throws RunError, CorpusError, SplitError
 */
export async function trainRun(options: TrainOptions, hooks: Hooks = {}): Promise<RunResult> {
  const device = await init();
  const config = resolveConfig(options, device.info.description);
  createRun(options.out, config);
  try {
    return await work(options.out, config, false, hooks, options.cache);
  } catch (error) {
    // Nothing was reached, and a second try with other data or settings must not be told that there is a run already.
    const files = runFiles(options.out);
    if (!existsSync(files.checkpoint)) rmSync(files.config, { force: true });
    throw error;
  }
}

/** Goes on with a run from its last checkpoint, or from the beginning where it has none. On the adapter that began it, the weights become the same as without the interruption. */
export async function resumeRun(options: ResumeOptions, hooks: Hooks = {}): Promise<RunResult> {
  const config = readConfig(options.run);
  if (options.epochs !== undefined && options.epochs !== config.epochs) {
    throw new RunError(
      `The run was laid out for ${config.epochs} epochs, and its learning rates with it; it cannot be resumed to ${options.epochs}. Start a new run.`,
    );
  }
  const device = await init();
  if (device.info.description !== config.adapter) {
    hooks.onNotice?.(
      `The run was begun on "${config.adapter}" and goes on on "${device.info.description}": the weights will not be bit-identical.`,
    );
  }
  return work(options.run, config, true, hooks, options.cache);
}

async function work(
  run: string,
  config: RunConfig,
  resume: boolean,
  hooks: Hooks,
  cache: string | undefined,
): Promise<RunResult> {
  const data = await loadDataset(run, config, hooks, cache);
  const trainer = new Trainer(run, config, data);
  try {
    if (resume && !trainer.resume()) {
      hooks.onNotice?.('The run was stopped before its first checkpoint; it begins again.');
    }
    await trainer.train(hooks);
    const result = await finish(run, config, data, trainer, hooks);
    writeFileAtomic(runFiles(run).result, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    trainer.dispose();
  }
}
