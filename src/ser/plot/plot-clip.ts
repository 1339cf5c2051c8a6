/** `formant plot`: a file in, an SVG out. */
import { basename } from 'node:path';
import { inspectWav } from '../../io/index.js';
import { init } from '../../tensor/index.js';
import { loadSamples } from '../features/load.js';
import { drawAugmentation } from './augment.js';
import { drawPlot, type DrawOptions } from './draw.js';
import { framesOf, measure } from './measure.js';
import type { AugmentName } from './types.js';

export interface PlotOptions extends Partial<DrawOptions> {
  /** An altered copy is drawn beside the clip. */
  readonly augment?: AugmentName;
  /** Of what is drawn at random; default 1. */
  readonly seed?: number;
}

export interface Plotted {
  readonly svg: string;
  /** Of the clip, Hz as stored. */
  readonly sampleRate: number;
  readonly seconds: number;
  /** What was done to the copy. */
  readonly augmentation?: string;
}

/**
 * Draws a clip at 16 kHz, with the features that models see: 512 samples a frame, one frame each 16 ms, 128 mel bands, 13 MFCC.
 * @throws AudioFormatError, FileAccessError
 */
export async function plotClip(file: string, options: PlotOptions = {}): Promise<Plotted> {
  const { augment, seed = 1, ...drawing } = options;
  const { sampleRate, seconds } = inspectWav(file);
  const samples = loadSamples(file);
  await init();
  const chroma = drawing.panels?.includes('chroma');
  const augmentation = augment && drawAugmentation(augment, seed, framesOf(samples.length));
  const clips = [{ label: 'original', clip: await measure(samples, { chroma }) }];
  if (augmentation) {
    clips.push({ label: augmentation.label, clip: await measure(samples, { chroma, augmentation }) });
  }
  const svg = await drawPlot(clips, {
    title: basename(file),
    subtitle: `${seconds.toFixed(2)} s, ${(sampleRate / 1000).toLocaleString('en-US')} kHz${sampleRate === 16000 ? '' : ', drawn at 16 kHz'}`,
    ...drawing,
  });
  return { svg, sampleRate, seconds, ...(augmentation && { augmentation: augmentation.label }) };
}
