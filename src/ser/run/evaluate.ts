/** `formant evaluate`: a trained run on its held-out clips, or on other corpora. */
import path from 'node:path';
import { writeFileAtomic } from '../../io/index.js';
import { device, init } from '../../tensor/index.js';
import { extractFeatures, normalizeAll } from '../features/index.js';
import type { Clip } from '../corpora/index.js';
import { readMark } from './beside.js';
import { loadDataset, scanData } from './dataset.js';
import { readConfig, runFiles } from './config.js';
import { RunError } from './errors.js';
import { openFeatureCache } from './feature-cache.js';
import { finish, testModel } from './result.js';
import { checkTrained, restoreModel } from './restore.js';
import { Trainer } from './trainer.js';
import type { EvaluateOptions, Hooks, RunResult } from './types.js';

/**
 * The metrics of a run's best weights. Without `data`: on the run's own held-out clips, with result.json, report.html and predictions.csv written
 * anew. With `data`, nothing is written but the report that is asked for.
 * @throws RunError where there is no trained run, or where the data has none of its classes
 */
export async function evaluateRun(options: EvaluateOptions, hooks: Hooks = {}): Promise<RunResult> {
  const { run } = options;
  const config = readConfig(run);
  // Before any long work: a run that cannot stand beside is told at once.
  const others = (options.beside ?? []).map(readMark);
  await init();
  const manifests = options.corpus?.manifests ?? [];
  if ((options.data ?? []).length + manifests.length === 0) {
    checkTrained(run, config);
    const data = await loadDataset(run, { ...config, strict: options.strict ?? config.strict }, hooks, options.cache);
    const trainer = new Trainer(run, config, data);
    try {
      trainer.restore();
      trainer.useBest();
      const result = await finish(run, config, data, trainer, hooks, { others, report: options.report });
      writeFileAtomic(runFiles(run).result, `${JSON.stringify(result, null, 2)}\n`);
      return result;
    } finally {
      trainer.dispose();
    }
  }
  const { file, model } = restoreModel(run);
  try {
    const { keepCalm, map } = config.corpus ?? {};
    const corpus = { keepCalm, map, ...options.corpus };
    const scan = await scanData(
      options.data ?? [],
      '',
      { strict: options.strict ?? false, corpus, cache: options.cache },
      hooks,
    );
    const known = scan.clips.filter((c) => file.classes.some((name) => name === c.emotion));
    if (known.length === 0) {
      throw new RunError(
        `None of the ${scan.clips.length} clips has a class of this run (${file.classes.join(', ')}).`,
      );
    }
    const raw = await extractFeatures(
      known.map((c: Clip) => ({ path: c.path, hash: c.hash, variant: 0 })),
      file.settings.features,
      {
        seed: config.seed,
        cache: openFeatureCache(options.cache, { features: file.settings.features, seed: config.seed }, hooks),
        onProgress: (done, total) => hooks.onProgress?.({ stage: 'features', done, total }),
      },
    );
    const items = normalizeAll(
      raw,
      known.map((c) => c.speaker),
      file.normalizer,
    );
    const labels = known.map((c) => file.classes.findIndex((name) => name === c.emotion));
    const tested = await testModel(
      model,
      { items, labels, clips: known },
      file.classes,
      {
        features: file.settings.features,
        frames: file.frames,
        batchSize: config.batchSize,
        seed: config.seed,
        normalize: config.normalize,
      },
      hooks,
    );
    const result: RunResult = {
      run: path.resolve(run),
      model: config.model,
      features: config.features,
      protocol: config.protocol,
      seed: config.seed,
      parameters: model.parameters().reduce((n, p) => n + p.size, 0),
      epochs: file.bestEpoch,
      bestEpoch: file.bestEpoch,
      seconds: 0,
      adapter: device().info.description,
      normalize: config.normalize,
      classes: file.classes,
      test: tested.test,
      rejected: [
        ...scan.rejected,
        ...scan.clips
          .filter((c) => !known.includes(c))
          .map((c) => ({ file: c.path, reason: `its class "${c.emotion}" is not one of this run's` })),
      ],
      finished: true,
    };
    if (options.report) {
      const { writeReport } = await import('./report.js');
      await writeReport(options.report, {
        ...tested,
        config,
        result,
        history: [],
        seconds: known.reduce((sum, clip) => sum + clip.seconds, 0),
        duplicates: scan.duplicates.reduce((n, group) => n + group.length - 1, 0),
        rejected: result.rejected,
        notes: ['Tested on other corpora than the run’s own; the protocol is that of its training.'],
        others,
      });
    }
    return result;
  } finally {
    model[Symbol.dispose]();
  }
}
