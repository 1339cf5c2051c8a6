/** What the model said of every test clip, as a table that other programs read. */
import { writeFileAtomic } from '../../io/index.js';
import type { Clip } from '../corpora/index.js';
import { argmax } from '../metrics/index.js';

/** A test clip; `variant` numbers the altered copies of protocol `paper`, 0 is the clip itself. */
export interface Said {
  readonly clip: Clip;
  readonly variant: number;
  /** Position of the true class. */
  readonly label: number;
  readonly probabilities: ArrayLike<number>;
}

/** A cell of a CSV file (RFC 4180). */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Writes one line a clip: file, variant, corpus, speaker, gender, truth, predicted, and a column of probabilities a class. */
export function writePredictions(file: string, classes: readonly string[], said: readonly Said[]): void {
  const header = [
    'file',
    'variant',
    'corpus',
    'speaker',
    'gender',
    'truth',
    'predicted',
    ...classes.map((c) => `p_${c}`),
  ];
  const rows = said.map(({ clip, variant, label, probabilities }) => [
    clip.path,
    String(variant),
    clip.corpus,
    clip.speaker,
    clip.gender ?? '',
    classes[label],
    classes[argmax(probabilities)],
    // Nine digits hold a float32 exactly.
    ...Array.from(probabilities, (p) => String(Number(p.toPrecision(9)))),
  ]);
  writeFileAtomic(file, [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join(''));
}
