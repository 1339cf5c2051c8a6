/** Parts of a report that one run and merged folds have in common. */
import { rocCurve, type Probabilities, type TestSummary } from '../metrics/index.js';
import type { ReportData, ReportRoc } from '../report/index.js';

/**
 * What the report draws from the probabilities of all clips.
 * @param labels class indices (N,). @param probabilities (N, C)
 */
export function scoredParts(
  labels: readonly number[],
  probabilities: Probabilities,
  summary: TestSummary,
): Pick<ReportData, 'intervals' | 'groups' | 'roc' | 'top2' | 'calibration'> {
  const { intervals, byCorpus, byGender, bySpeaker, top2, calibration } = summary;
  return {
    intervals,
    groups: [
      // One corpus, or one gender, is the whole test again.
      ...[
        { by: 'corpus', groups: byCorpus },
        { by: 'gender', groups: byGender },
      ].filter(({ groups }) => groups.length > 1),
      { by: 'speaker', groups: bySpeaker },
    ],
    roc: rocOf(labels, probabilities, summary),
    top2: top2 ?? undefined,
    calibration,
  };
}

/** A one-versus-rest curve for each class that has an area. */
function rocOf(labels: readonly number[], probabilities: Probabilities, { perClass }: TestSummary): ReportRoc[] {
  return perClass.flatMap(({ emotion, auc }, c) => {
    if (auc === null) return [];
    const positive = labels.map((label) => label === c);
    return [
      {
        name: emotion,
        auc,
        points: rocCurve(
          positive,
          probabilities.map((row) => row[c]),
        ),
      },
    ];
  });
}
