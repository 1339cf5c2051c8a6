import type { ProtocolName } from '../protocols/types.js';

/**
 * What the paper reports, to stand beside a run's own figures: "Enhancing Speech Emotion Recognition With Deep Learning Through Data Fusion,
 * Spectrogram Augmentation, And Hybrid Feature Integration" (2025). docs/paper.md has every table and figure of it.
 */
export const PAPER = {
  accuracy: 0.98,
  macroF1: 0.98,
  weightedF1: 0.98,
  /** Precision, recall and F1 of the classes lie in this range. */
  perClass: { low: 0.96, high: 1 },
  auc: 1,
  /** Clips after fusion, and the support of its test. */
  clips: 11_970,
  support: 2_872,
  parameters: 917_703,
} as const;

const HONEST =
  'So the figures of this page and the paper’s answer different questions: a lower one here does not mean a worse model.';

/** What a protocol asks, and how its answer stands to the paper's 0.98. */
const PROTOCOLS: Readonly<Record<ProtocolName, string>> = {
  paper:
    'Protocol paper: every clip is altered first and the pool of copies is split afterwards, so that most test items have a copy in training. This is ' +
    'the likeliest reading of the paper: its test holds 2,872 items, 24 % of its 11,970 clips, where the text says 10 %. So these figures and the ' +
    'paper’s may be compared; both say how well a model knows recordings again, and nothing about new ones.',
  random:
    'Protocol random: clips are split first, and only training clips are altered; but other clips of the same speakers were in training. It tells how ' +
    `well familiar voices are read. The paper’s test most likely held altered copies of training clips. ${HONEST}`,
  speaker:
    'Protocol speaker: no voice of the test was heard in training or in the choice of the epoch. It tells how well strangers are read, which is what ' +
    `a system in use has to do. The paper’s test knew its speakers, and most likely held altered copies of training clips. ${HONEST}`,
  loso:
    'Protocol loso: the speakers of this fold were left out of training; all folds together test every speaker as a stranger. The paper’s test knew its ' +
    `speakers, and most likely held altered copies of training clips. ${HONEST}`,
  'cross-corpus':
    'Protocol cross-corpus: trained on some corpora and tested on others: other voices, sentences, microphones and actors’ instructions, the hardest ' +
    `question here. The paper’s test held the speakers and corpora of its training, and most likely altered copies of training clips. ${HONEST}`,
  given:
    'Protocol given: the sides are those that the corpus’ manifest names. Whether it parts voices is for its makers to say; a note of this page ' +
    `names test speakers that were in training. The paper’s test knew its speakers, and most likely held altered copies of training clips. ${HONEST}`,
};

/** A paragraph on what the protocol asks and how far the paper's figures compare. */
export const aboutProtocol = (protocol: string): string =>
  (PROTOCOLS as Readonly<Record<string, string>>)[protocol] ??
  `Protocol ${protocol}. The paper’s test most likely held altered copies of training clips. ${HONEST}`;
