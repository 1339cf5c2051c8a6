/** The test clips that the model was surest of and wrong about, with pictures for the report. */
import { basename } from 'node:path';
import { melSpectrogram, powerToDb } from '../../dsp/index.js';
import { tensor } from '../../tensor/index.js';
import { loadSamples, SAMPLE_RATE } from '../features/index.js';
import { argmax } from '../metrics/index.js';
import { PAPER_VARIANTS } from '../protocols/index.js';
import { spectrogramPicture, type ReportMistake } from '../report/index.js';
import type { Said } from './predictions.js';

const SHOWN = 6;
const MELS = 128;

/** The wrong answers with the greatest probability, one a file. A file that is gone, or can no longer be read, has no picture. */
export async function worstMistakes(
  said: readonly Said[],
  classes: readonly string[],
  most = SHOWN,
): Promise<ReportMistake[]> {
  const wrong = said
    .map((one) => ({ ...one, answer: argmax(one.probabilities) }))
    .filter(({ answer, label }) => answer !== label)
    .sort((a, b) => b.probabilities[b.answer] - a.probabilities[a.answer]);
  const files = new Set<string>();
  const worst = wrong.filter(({ clip }) => !files.has(clip.path) && files.add(clip.path)).slice(0, most);
  const mistakes: ReportMistake[] = [];
  for (const { clip, variant, label, answer, probabilities } of worst) {
    mistakes.push({
      file: `${clip.speaker}/${basename(clip.path)}`,
      truth: classes[label],
      said: classes[answer],
      confidence: probabilities[answer],
      truthProbability: probabilities[label],
      ...(variant > 0 && { altered: PAPER_VARIANTS[variant] ?? `alteration ${variant}` }),
      ...(await pictureOf(clip.path)),
    });
  }
  return mistakes;
}

async function pictureOf(path: string): Promise<Pick<ReportMistake, 'picture' | 'seconds'>> {
  let samples: Float32Array;
  try {
    samples = loadSamples(path);
  } catch {
    // The picture is an extra: the report must not fail for a clip that was moved after training.
    return {};
  }
  const framing = { sr: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS };
  const mel = await powerToDb(melSpectrogram(tensor(samples, [samples.length]), framing)).data();
  return { picture: spectrogramPicture(mel, MELS), seconds: samples.length / SAMPLE_RATE };
}
