/** `formant predict -`: the emotion of a voice that is speaking now, from raw PCM. */
import { init } from '../../tensor/index.js';
import { isVector } from '../feature-kinds.js';
import { applyStats, RunningStats } from '../features/index.js';
import { argmax } from '../metrics/index.js';
import { EmbeddingModel } from '../models/index.js';
import { readConfig } from './config.js';
import { RunError } from './errors.js';
import { LiveFeatures } from './live-features.js';
import { PcmStream, type PcmFormat } from './pcm-stream.js';
import { restoreModel } from './restore.js';
import { score } from './score.js';
import { Voices } from './voices.js';

export interface LiveOptions {
  /** Default s16le: 16-bit little-endian whole numbers. */
  readonly format?: PcmFormat;
  /** Hz, default 16000; other rates are resampled. */
  readonly rate?: number;
  /** Seconds that an answer is about, default 3. */
  readonly window?: number;
  /** Seconds between answers, default 1, or the window where that is shorter. */
  readonly hop?: number;
  /** A window whose loudest frame is quieter is silence; decibels below full scale, default −50. */
  readonly silence?: number;
}

/** An answer about the window that ends at `time` (seconds from the beginning). */
export type LivePrediction =
  | { readonly time: number; readonly silence: true }
  | {
      readonly time: number;
      readonly silence: false;
      readonly emotion: string;
      readonly probabilities: Readonly<Record<string, number>>;
    };

/** A voice's own statistics count as much as the training clips' once it has been heard this long. */
const SECONDS_TO_KNOW = 5;

/**
 * Answers once every `hop` seconds of the signal, from the first full window on; what is left at the end is answered about as well.
 *
 * Of a run normalised by `global`, features are normalised by the training clips. Of a run normalised by `speaker`, by the running statistics of
 * the voice, which begin as the training clips' (see `RunningStats`) and do not look ahead: the first answers are less sure than those of
 * `predictFiles`, which knows the whole clip. Windows of silence do not count.
 * @param chunks mono samples; a chunk may end anywhere, also within a sample
 * @throws RunError, SignalError for samples that are not finite
 */
export async function* predictLive(
  run: string,
  chunks: AsyncIterable<Uint8Array>,
  options: LiveOptions = {},
): AsyncGenerator<LivePrediction> {
  const { format = 's16le', rate = 16000, window = 3, hop = Math.min(1, window), silence = -50 } = options;
  if (!(window >= 0.1 && window <= 60)) throw new RunError(`The window must be from 0.1 to 60 seconds; got ${window}.`);
  if (!(hop >= 0.05 && hop <= window)) {
    throw new RunError(`The hop must be from 0.05 seconds to the window's length, ${window}; got ${hop}.`);
  }
  readConfig(run);
  const pcm = new PcmStream(format, rate);
  await init();
  const { file: trained, model } = restoreModel(run);
  try {
    const { features } = trained.settings;
    const { normalizer } = trained;
    const live = new LiveFeatures(features, window);
    // Statistics are one row a window, sequences one a frame.
    const windowsToKnow = SECONDS_TO_KNOW / hop;
    const rowsToKnow = isVector(features) ? windowsToKnow : live.framesIn(SECONDS_TO_KNOW);
    const voice = normalizer.kind === 'speaker' ? new RunningStats(normalizer.global, rowsToKnow) : undefined;
    const bySpeaker = voice && {
      speakers: ['live'],
      voices: model instanceof EmbeddingModel ? await Voices.of(model.norm, windowsToKnow) : undefined,
    };
    let heard = 0;
    let answers = 0;
    /** Frames up to the last answer. */
    let answered = 0;

    const answer = async (time: number): Promise<LivePrediction> => {
      answers++;
      answered = heard;
      const { item, loudest } = await live.window();
      if (loudest === 0 || 20 * Math.log10(loudest) < silence) return { time, silence: true };
      voice?.add(item);
      const shaped = applyStats(item, voice?.stats ?? normalizer.global);
      const { probabilities } = await score(model, [shaped], undefined, {
        features,
        frames: trained.frames,
        batchSize: 1,
        ...bySpeaker,
      });
      const [p] = probabilities;
      const byClass = Object.fromEntries(trained.classes.map((name, c) => [name, p[c]]));
      return { time, silence: false, emotion: trained.classes[argmax(p)], probabilities: byClass };
    };
    const take = async function* (rows: readonly Float32Array[]): AsyncGenerator<LivePrediction> {
      for (const row of rows) {
        live.add(row);
        heard++;
        // Frames are counted anew for every answer: a hop is seldom a whole number of them.
        const due = window + answers * hop;
        if (heard > live.framesIn(due)) yield await answer(milliseconds(due));
      }
    };

    for await (const chunk of chunks) {
      const samples = pcm.push(chunk);
      if (samples.length > 0) yield* take(await live.push(samples));
    }
    const rest = pcm.end();
    if (rest.length > 0) yield* take(await live.push(rest));
    if (heard > 0 || rest.length > 0) yield* take(await live.end());
    if (heard > answered) yield await answer(milliseconds(live.secondsOf(heard)));
  } finally {
    model[Symbol.dispose]();
  }
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
