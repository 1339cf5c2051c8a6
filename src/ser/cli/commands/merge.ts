import type { MergedResult, Spread } from '../../run/merge.js';
import type { AddCommand } from '../program.js';
import { facts, plural, table } from '../table.js';

export const merge: AddCommand = (program, pick) =>
  program
    .command('merge')
    .description('join the folds of a cross-validation (train --protocol loso|random --fold i/n) to one result')
    .argument('<run...>', 'the run folders of all folds')
    .option('--out <dir>', 'folder for merged.json and report.html')
    .action((runs: string[], { out }: { readonly out?: string }) =>
      pick(async (context) => {
        const { mergeRuns } = await context.services.runs();
        const merged = await mergeRuns(runs, { out });
        return { json: merged, text: mergedText(merged) };
      }),
    );

const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
const spread = ({ mean, sd }: Spread): string => `${percent(mean)} ± ${percent(sd)} over the folds`;

function mergedText({
  model,
  features,
  protocol,
  normalize,
  seed,
  folds,
  over,
  test,
  classes,
  report,
}: MergedResult): string {
  const rows = folds.map(({ fold, clips, speakers, accuracy, uar, macroF1 }) => [
    `${fold}/${folds.length}`,
    speakers.length > 3 ? plural(speakers.length, 'speaker') : speakers.join(' '),
    clips,
    percent(accuracy),
    percent(uar),
    macroF1.toFixed(3),
  ]);
  return [
    `${model} on ${features} features, protocol ${protocol}, normalised by ${normalize}, seed ${seed}`,
    '',
    table(rows, ['fold', 'tested', 'clips', 'accuracy', 'UAR', 'macro F1']),
    '',
    table(
      classes.map((name, i) => [name, ...test.confusion[i]]),
      ['truth \\ said', ...classes],
    ),
    '',
    facts([
      ['tested on', `${plural(test.clips, 'clip')} of ${plural(test.speakers.length, 'speaker')}`],
      ['accuracy', `${percent(test.accuracy)}; ${spread(over.accuracy)}`],
      ['UAR', `${percent(test.uar)}; ${spread(over.uar)}`],
      [
        'macro F1',
        `${test.macroF1.toFixed(3)}; ${over.macroF1.mean.toFixed(3)} ± ${over.macroF1.sd.toFixed(3)} over the folds`,
      ],
    ]),
    ...(report ? ['', `Report: ${report}`] : []),
  ].join('\n');
}
