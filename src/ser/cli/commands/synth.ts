import { Option } from 'commander';
import { EMOTIONS, type Emotion } from '../../corpora/types.js';
import { makeFolder } from '../folder.js';
import type { AddCommand } from '../program.js';
import { duration, plural } from '../table.js';
import { secondsRange, wholeNumber } from '../values.js';

interface Flags {
  readonly out: string;
  readonly speakers?: number;
  readonly clips?: number;
  readonly seconds?: [number, number];
  readonly seed?: number;
  readonly emotions?: Emotion[];
}

export const synth: AddCommand = (program, pick) =>
  program
    .command('synth')
    .description('write the built-in synthetic corpus: source-filter voices in seven emotions')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--speakers <n>', 'speakers, half women, half men (default 12)', wholeNumber(1, 999))
    .option('--clips <n>', 'clips of each emotion by each speaker (default 6)', wholeNumber(1, 999))
    .option('--seconds <a-b>', 'shortest and longest clip (default 1-1.6)', secondsRange)
    .option('--seed <n>', 'same seed, same bytes (default 1)', wholeNumber(0))
    .addOption(new Option('--emotions <name...>', 'classes to speak (default all)').choices(EMOTIONS))
    .action((flags: Flags) =>
      pick((context) =>
        context.work(async ({ onProgress, signal }) => {
          makeFolder(flags.out);
          const { writeSynthCorpus } = await import('../../synth/index.js');
          const { speakers, clips: clipsPerEmotion, seconds, seed, emotions } = flags;
          const given = { speakers, clipsPerEmotion, seconds, seed, emotions };
          const manifest = await writeSynthCorpus(flags.out, given, ({ done, total }) => {
            signal.throwIfAborted();
            onProgress({ stage: 'synthesize', done, total });
          });
          const voices = [...new Set(manifest.clips.map(({ speaker }) => speaker))];
          return {
            json: {
              out: flags.out,
              clips: manifest.clips.length,
              speakers: voices,
              seconds: manifest.seconds,
              classes: manifest.options.emotions,
              seed: manifest.options.seed,
            },
            text:
              `Wrote ${plural(manifest.clips.length, 'clip')} (${duration(manifest.seconds)}) of ` +
              `${plural(voices.length, 'speaker')} to ${flags.out}`,
          };
        }),
      ),
    );
