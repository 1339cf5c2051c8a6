import type { CorpusScan, Counts, ScanSummary } from '../../corpora/index.js';
import { PAPER_CLASSES, PAPER_CLIPS } from '../../corpora/paper.js';
import type { Outcome } from '../context.js';
import { NO_DATA, corpusSettings, withCorpusOptions, type CorpusFlags } from '../corpus-options.js';
import { UsageError } from '../errors.js';
import { makeFolder } from '../folder.js';
import type { AddCommand } from '../program.js';
import { duration, facts, names, plural, table, type Cell } from '../table.js';

interface Flags extends CorpusFlags {
  readonly plot?: string;
  readonly strict?: true;
}

/** Lines of a kind that are printed; JSON has them all. */
const MOST_LINES = 20;

export const corpus: AddCommand = (program, pick) =>
  withCorpusOptions(
    program
      .command('corpus')
      .description('show what is found in folders of speech: corpora, speakers, emotions, duplicates, rejected files')
      .argument('[dir...]', 'folders that hold RAVDESS, CREMA-D, TESS, SAVEE, EmoDB or synthetic clips, at any depth'),
  )
    .option('--plot <dir>', "draw the paper's Figures 2 to 5 for what is there, as SVG")
    .option('--strict', 'fail if any file cannot be used')
    .action((dirs: string[], flags: Flags) => {
      if (dirs.length === 0 && !flags.manifest) throw new UsageError(NO_DATA);
      pick((context) =>
        context.work(async ({ onProgress, signal }) => {
          if (flags.plot !== undefined) makeFolder(flags.plot);
          const { scanCorpora, summarizeScan } = await import('../../corpora/index.js');
          const scan = await scanCorpora(dirs, {
            ...corpusSettings(flags),
            strict: flags.strict,
            onProgress: ({ done, total }) => {
              signal.throwIfAborted();
              onProgress({ stage: 'scan', done, total });
            },
          });
          const figures =
            flags.plot === undefined
              ? []
              : await (await import('../../corpora/figures.js')).writeFigures(scan, flags.plot);
          return describeScan(scan, summarizeScan(scan), figures);
        }),
      );
    });

function describeScan(scan: CorpusScan, summary: ScanSummary, figures: readonly string[]): Outcome {
  const json = {
    ...summary,
    classes: scan.classes,
    duplicateGroups: scan.duplicates,
    nearDuplicateGroups: scan.nearDuplicates,
    copies: scan.copies,
    rejected: scan.rejected,
    notes: scan.notes,
    figures,
  };
  return { json, text: scanText(scan, summary, figures) };
}

function scanText(scan: CorpusScan, summary: ScanSummary, figures: readonly string[]): string {
  const leftOut = Object.entries(summary.leftOut).map(([label, n]) => `${n.toLocaleString('en-US')} ${label}`);
  const about = facts([
    ['speakers', names(summary.speakers, 30)],
    ['audio', duration(summary.seconds)],
    ['left out', leftOut.length === 0 ? 'none' : `${leftOut.join(', ')} (of no class; see --keep-calm and --map)`],
    ['copies', summary.copies === 0 ? 'none' : plural(summary.copies, 'file')],
    ['duplicates', summary.duplicates === 0 ? 'none' : plural(summary.duplicates, 'clip')],
    ['near-duplicates', summary.nearDuplicates === 0 ? 'none' : plural(summary.nearDuplicates, 'clip')],
    ['rejected', summary.rejected === 0 ? 'none' : plural(summary.rejected, 'file')],
  ]);
  return [
    'Table III: corpora',
    corporaTable(scan, summary),
    '',
    'Table IV: clips of each class after fusion',
    classesTable(scan, summary),
    '',
    about,
    ...lines(scan.notes.map((note) => `  note: ${note}`)),
    ...lines(scan.duplicates.map((group) => `  same bytes: ${group.join(' = ')}`)),
    ...lines(scan.nearDuplicates.map((group) => `  same recording: ${group.join(' = ')}`)),
    ...lines(scan.rejected.map(({ file, reason }) => `  rejected: ${file}: ${reason}`)),
    ...figures.map((file) => `  drawn: ${file}`),
  ].join('\n');
}

/** What was found, before fusion. */
function corporaTable(scan: CorpusScan, { labels, corpora }: ScanSummary): string {
  const known = Object.keys(labels).some((name) => name in PAPER_CLIPS);
  const rows = Object.entries(labels).map(([name, counts]): Cell[] => {
    const all = [...scan.clips, ...scan.leftOut].filter((clip) => clip.corpus === name);
    const { speakers, genders }: Pick<Counts, 'speakers' | 'genders'> = corpora[name] ?? { speakers: [], genders: {} };
    const rates = [...new Set(all.map((clip) => clip.sampleRate))].sort((a, b) => a - b);
    return [
      name,
      all.length,
      speakers.length,
      genders.female ?? 0,
      genders.male ?? 0,
      Object.keys(counts).length,
      Math.round(all.reduce((sum, clip) => sum + clip.seconds, 0)),
      names(rates.map(String), 3),
      ...(known ? [PAPER_CLIPS[name] ?? '-'] : []),
    ];
  });
  const paper = known ? ['clips in the paper'] : [];
  return table(rows, ['corpus', 'clips', 'speakers', 'women', 'men', 'emotions', 'seconds', 'Hz', ...paper]);
}

/** After fusion: a row for each corpus, their sum, and the paper's. */
function classesTable({ classes }: CorpusScan, summary: ScanSummary): string {
  const rows: Cell[][] = Object.entries(summary.corpora).map(([name, part]) => countsRow(name, part, classes));
  if (rows.length > 1) rows.push(countsRow('all', summary, classes));
  const comparable = Object.keys(summary.corpora).some((name) => name in PAPER_CLIPS);
  if (comparable && classes.every((name) => name in PAPER_CLASSES)) {
    const counts = classes.map((name) => PAPER_CLASSES[name]);
    const all = Object.values(PAPER_CLASSES).reduce((sum, n) => sum + n, 0);
    rows.push(['paper (all four)', ...counts, all, '-', '-']);
  }
  return table(rows, ['corpus', ...classes, 'clips', 'speakers', 'seconds']);
}

const countsRow = (name: string, part: Counts, classes: readonly string[]): Cell[] => [
  name,
  ...classes.map((emotion) => part.emotions[emotion] ?? 0),
  part.clips,
  part.speakers.length,
  Math.round(part.seconds),
];

const lines = (all: readonly string[]): string[] =>
  all.length <= MOST_LINES
    ? [...all]
    : [...all.slice(0, MOST_LINES), `  … and ${all.length - MOST_LINES} more (--json has all)`];
