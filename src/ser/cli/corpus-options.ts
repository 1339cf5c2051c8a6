/** The options by which every command that reads corpora is told how labels are read and become classes. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { FormantError } from '../../device/errors.js';
import { readMap } from '../corpora/fusion.js';
import type { CorpusSettings } from '../corpora/types.js';

export interface CorpusFlags {
  readonly layout?: 'auto' | 'folders';
  readonly manifest?: string[];
  readonly keepCalm?: true;
  readonly map?: Record<string, string>;
}

/** The names of the flags, for commands that cannot do with them. */
export const CORPUS_FLAGS = ['layout', 'manifest', 'keepCalm', 'map'] as const satisfies readonly (keyof CorpusFlags)[];

/** Neither folders nor manifests. */
export const NO_DATA = 'Name a folder that holds a corpus, or a --manifest.';

/** Adds the options to a command. */
export const withCorpusOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--layout <name>',
        'folders: files of no known corpus are labelled by <emotion>/<file> or <speaker>/<emotion>/<file> (default auto)',
      ).choices(['auto', 'folders']),
    )
    .option('--manifest <file...>', 'CSV with the columns file, emotion and, if known, speaker, gender, corpus, …')
    .option('--keep-calm', 'calm is a class of its own, the eighth')
    .option(
      '--map <label=class,…>',
      'other classes, as calm=neutral,boredom=- (-: left out), or a .json file; may be repeated',
      labelMap,
    );

/** What the flags say; undefined if nothing was given, so that a run's defaults stay its own. */
export function corpusSettings({ layout, manifest, keepCalm, map }: CorpusFlags): CorpusSettings | undefined {
  const settings: CorpusSettings = {
    ...(layout && { layout }),
    ...(manifest && { manifests: manifest }),
    ...(keepCalm && { keepCalm }),
    ...(map && { map }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function labelMap(text: string, before: Record<string, string> = {}): Record<string, string> {
  try {
    return { ...before, ...readMap(text) };
  } catch (error) {
    if (error instanceof FormantError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
