import type { Outcome } from '../context.js';
import type { AddCommand } from '../program.js';
import { duration, facts, names, plural, table } from '../table.js';
import type { CorpusScan, ScanSummary } from '../../corpora/index.js';

interface Flags {
  readonly strict?: true;
}

export const corpus: AddCommand = (program, pick) =>
  program
    .command('corpus')
    .description('show what is found in folders of speech: corpora, speakers, emotions, duplicates, rejected files')
    .argument('<dir...>', 'folders that hold RAVDESS, CREMA-D, TESS, SAVEE or synthetic clips, at any depth')
    .option('--strict', 'fail if any file cannot be used')
    .action((dirs: string[], flags: Flags) =>
      pick((context) =>
        context.work(async ({ onProgress, signal }) => {
          const { scanCorpora, summarizeScan } = await import('../../corpora/index.js');
          const scan = await scanCorpora(dirs, {
            strict: flags.strict,
            onProgress: ({ done, total }) => {
              signal.throwIfAborted();
              onProgress({ stage: 'scan', done, total });
            },
          });
          return describeScan(scan, summarizeScan(scan));
        }),
      ),
    );

function describeScan(scan: CorpusScan, summary: ScanSummary): Outcome {
  const { clips, speakers, seconds, emotions, corpora, calm, duplicates } = summary;
  const json = {
    clips,
    speakers,
    seconds,
    classes: scan.classes,
    emotions,
    /** Left out: the seven classes have no calm. */
    calm,
    corpora,
    /** Clips that repeat another's bytes; `duplicateGroups` names them. */
    duplicates,
    duplicateGroups: scan.duplicates,
    rejected: scan.rejected,
  };
  return { json, text: scanText(scan, summary) };
}

function scanText(scan: CorpusScan, summary: ScanSummary): string {
  const rows = Object.entries(summary.corpora).map(([name, counts]) => [name, counts] as const);
  if (rows.length > 1) rows.push(['all', summary]);
  const counts = table(
    rows.map(([name, part]) => [
      name,
      ...scan.classes.map((emotion) => part.emotions[emotion] ?? 0),
      part.clips,
      part.speakers.length,
      Math.round(part.seconds),
    ]),
    ['corpus', ...scan.classes, 'clips', 'speakers', 'seconds'],
  );
  const about = facts([
    ['speakers', names(summary.speakers, 30)],
    ['audio', duration(summary.seconds)],
    ['calm', summary.calm === 0 ? 'none' : `${plural(summary.calm, 'clip')} left out (not one of the seven classes)`],
    ['duplicates', summary.duplicates === 0 ? 'none' : plural(summary.duplicates, 'clip')],
    ['rejected', summary.rejected === 0 ? 'none' : plural(summary.rejected, 'file')],
  ]);
  const groups = scan.duplicates.map((group) => `  same bytes: ${group.join(' = ')}`);
  const rejected = scan.rejected.map(({ file, reason }) => `  rejected: ${file}: ${reason}`);
  return [counts, '', about, ...groups, ...rejected].join('\n');
}
