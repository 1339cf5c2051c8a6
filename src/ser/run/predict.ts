/** `formant predict`: emotion and probabilities of single files. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { FormantError } from '../../device/errors.js';
import { inspectWav } from '../../io/index.js';
import { init } from '../../tensor/index.js';
import { labelByName } from '../corpora/index.js';
import { listWavFiles } from '../corpora/walk.js';
import { extractFeatures, normalizeAll, type FeatureItem } from '../features/index.js';
import { argmax } from '../metrics/index.js';
import { readConfig } from './config.js';
import { restoreModel } from './restore.js';
import { score } from './score.js';
import type { Prediction } from './types.js';

/** Clips for paths: a folder stands for the .wav files in it and below, in the order of their paths. @throws CorpusError */
export async function findClips(paths: readonly string[]): Promise<string[]> {
  const clips: string[] = [];
  for (const path of paths) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) clips.push(path);
    else clips.push(...(await listWavFiles([path])).files.map(({ file }) => file));
  }
  return clips;
}

/**
 * Predicts files, in their order; one that cannot be read gives `{file, error}` and the rest goes on. All are heard before the first answer.
 *
 * A run that normalises by speaker uses the statistics of the file's speaker where the run has met it (told by the file's name), else of all the
 * unknown files of this call together, as one voice: several clips of a new speaker give better results than one.
 */
export async function* predictFiles(run: string, files: readonly string[]): AsyncGenerator<Prediction> {
  const config = readConfig(run);
  await init();
  const { file: trained, model } = restoreModel(run);
  try {
    const items: (FeatureItem | string)[] = [];
    for (const file of files) {
      try {
        inspectWav(file);
        items.push(
          (
            await extractFeatures([{ path: file, variant: 0 }], trained.settings.features, {
              seed: config.seed,
              fill: false,
            })
          )[0],
        );
      } catch (error) {
        if (!(error instanceof FormantError)) throw error;
        items.push(error.message);
      }
    }
    const readable = files.map((_, i) => i).filter((i) => typeof items[i] !== 'string');
    const speakers = readable.map((i) => speakerOf(files[i]));
    const normalized = normalizeAll(
      readable.map((i) => items[i] as FeatureItem),
      speakers,
      trained.normalizer,
    );
    const { probabilities } = await score(model, normalized, undefined, {
      features: trained.settings.features,
      frames: trained.frames,
      batchSize: 1,
      speakers: trained.normalizer.kind === 'speaker' ? speakers : undefined,
    });
    for (const [i, file] of files.entries()) {
      const item = items[i];
      if (typeof item === 'string') {
        yield { file, error: item };
        continue;
      }
      const p = probabilities[readable.indexOf(i)];
      yield {
        file,
        emotion: trained.classes[argmax(p)],
        probabilities: Object.fromEntries(trained.classes.map((name, c) => [name, p[c]])),
      };
    }
  } finally {
    model[Symbol.dispose]();
  }
}

/** The speaker that a file's name tells, or a common name for all unknown ones. */
function speakerOf(file: string): string {
  const label = labelByName(path.resolve(file));
  return label && 'speaker' in label ? label.speaker : '?';
}
