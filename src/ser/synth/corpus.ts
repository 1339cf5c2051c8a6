/** The synthetic corpus as a folder of WAV files. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeFsError, encodeWav, writeFileAtomic } from '../../io/index.js';
import type { Emotion } from '../corpora/types.js';
import { SynthError } from './errors.js';
import { countSynthClips, resolveSynthOptions, synthesize, type SynthOptions } from './synthesize.js';

export interface SynthManifestClip {
  /** Relative to the corpus' folder, with `/`. */
  readonly file: string;
  readonly speaker: string;
  readonly gender: 'female' | 'male';
  readonly emotion: Emotion;
  readonly sentence: number;
  readonly seconds: number;
}

/** `manifest.json`: how the corpus was made, and what is in it. */
export interface SynthManifest {
  readonly format: 'formant-synth';
  readonly version: 1;
  readonly options: Required<SynthOptions>;
  readonly seconds: number;
  readonly clips: readonly SynthManifestClip[];
}

/**
 * Writes `<out>/<speaker>/<speaker>_<emotion>_<nn>.wav` (mono, 16 bits) for every clip of {@link synthesize}, and last
 * `<out>/manifest.json`, so that a folder with a manifest is complete. Files of the same names are replaced.
 * @throws SynthError on impossible options, or if the folder cannot be written.
 */
export async function writeSynthCorpus(
  outDir: string,
  options: SynthOptions = {},
  onProgress?: (progress: { done: number; total: number; file: string }) => void,
): Promise<SynthManifest> {
  const resolved = resolveSynthOptions(options);
  const total = countSynthClips(resolved);
  const clips: SynthManifestClip[] = [];
  const made = new Set<string>();
  try {
    await mkdir(outDir, { recursive: true });
    for (const clip of synthesize(resolved)) {
      const { speaker, gender, emotion, sentence, sampleRate, samples } = clip;
      const file = `${speaker}/${speaker}_${emotion}_${String(clip.take).padStart(2, '0')}.wav`;
      if (!made.has(speaker)) await mkdir(path.join(outDir, speaker), { recursive: true });
      made.add(speaker);
      // Not flushed one by one: the manifest, written last, says that all are there.
      await writeFile(path.join(outDir, file), encodeWav(samples, sampleRate));
      clips.push({ file, speaker, gender, emotion, sentence, seconds: samples.length / sampleRate });
      onProgress?.({ done: clips.length, total, file });
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new SynthError(
      `The synthetic corpus cannot be written to ${outDir}: ${describeFsError(error)}. Choose a folder that you may write to.`,
      { cause: error },
    );
  }
  const seconds = clips.reduce((sum, clip) => sum + clip.seconds, 0);
  const manifest: SynthManifest = { format: 'formant-synth', version: 1, options: resolved, seconds, clips };
  writeFileAtomic(path.join(outDir, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}
