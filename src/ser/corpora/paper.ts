/** What the paper counts: Table III (corpora) and Table IV (classes after fusion, RAVDESS' 192 calm clips left out). */
export const PAPER_CLIPS: Readonly<Record<string, number>> = { RAVDESS: 1440, 'CREMA-D': 7442, TESS: 2800, SAVEE: 480 };

export const PAPER_CLASSES: Readonly<Record<string, number>> = {
  angry: 1923,
  disgust: 1923,
  fear: 1923,
  happy: 1923,
  neutral: 1703,
  sad: 1923,
  surprise: 652,
};
