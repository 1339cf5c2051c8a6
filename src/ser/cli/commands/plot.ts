import { Option } from 'commander';
import type { AugmentName, PanelName } from '../../plot/types.js';
import { UsageError } from '../errors.js';
import type { AddCommand } from '../program.js';
import { bytes } from '../table.js';
import { commaList, wholeNumber } from '../values.js';

interface Flags {
  readonly out: string;
  readonly only?: string[];
  readonly augment?: AugmentName;
  readonly seed: number;
  readonly title?: string;
  readonly width?: number;
}

/** Written down here again because help must not load what draws; their types see to it that none is missing. */
const PANELS = Object.keys({
  waveform: true,
  mel: true,
  mfcc: true,
  rms: true,
  zcr: true,
  chroma: true,
} satisfies Record<PanelName, true>) as PanelName[];
const AUGMENTATIONS = Object.keys({
  noise: true,
  specaugment: true,
  shift: true,
  pitch: true,
  stretch: true,
  speed: true,
} satisfies Record<AugmentName, true>);

export const plot: AddCommand = (program, pick) =>
  program
    .command('plot')
    .description('draw a clip: waveform, mel spectrogram, MFCC, RMS and zero-crossing rate')
    .argument('<clip>', 'audio file')
    .requiredOption('--out <file.svg>', 'picture to write')
    .option('--only <panels>', `pictures to draw, with commas, of ${PANELS.join(', ')}`, commaList)
    .addOption(new Option('--augment <how>', 'draw an altered copy beside the clip').choices(AUGMENTATIONS))
    .option('--seed <n>', "of the alteration's random numbers", wholeNumber(0, 0xffffffff), 1)
    .option('--title <text>', "title (default: the file's name)")
    .option('--width <pixels>', 'width, about (default: 900, with --augment 1400)', wholeNumber(300, 4000))
    .action((clip: string, flags: Flags) => {
      const { out, only, augment, seed, title, width } = flags;
      if (!out.toLowerCase().endsWith('.svg')) {
        throw new UsageError(`--out ${out}: pictures are SVG; give a name that ends in .svg.`);
      }
      const unknown = only?.find((name) => !PANELS.includes(name as PanelName));
      if (unknown !== undefined) {
        throw new UsageError(`--only ${unknown}: there is no such picture; choose of ${PANELS.join(', ')}.`);
      }
      // As listed in help, however they were asked for.
      const panels = only && PANELS.filter((name) => only.includes(name));
      pick((context) =>
        context.work(async () => {
          const [{ plotClip }, { writeFileAtomic }] = await Promise.all([
            import('../../plot/index.js'),
            import('../../../io/index.js'),
          ]);
          try {
            const { svg, ...about } = await plotClip(clip, {
              augment,
              seed,
              ...(panels && { panels }),
              ...(title !== undefined && { title }),
              ...(width !== undefined && { width }),
            });
            writeFileAtomic(out, svg);
            const drawn = panels ?? PANELS.filter((name) => name !== 'chroma');
            const size = Buffer.byteLength(svg);
            const copy = about.augmentation ? ` and a copy (${about.augmentation})` : '';
            return {
              json: { file: clip, out, bytes: size, panels: drawn, ...about },
              text: `Drew ${clip}${copy} to ${out} (${bytes(size)})`,
            };
          } finally {
            // An open device would keep the process alive.
            await context.services.close();
          }
        }),
      );
    });
