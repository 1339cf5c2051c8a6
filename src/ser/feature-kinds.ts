/** The kinds of features by name, and what form they have. Nothing else, so that the command line can show them without loading a GPU. */

/**
 * `hybrid` is `frames` with contrast, chroma, centroid, bandwidth and flatness of the spectrum; `functionals` says what these do over a whole
 * clip, and `paper` has the paper's statistics.
 */
export const FEATURES = ['frames', 'hybrid', 'functionals', 'paper', 'mel-image'] as const;
export type FeatureName = (typeof FEATURES)[number];

/** Kinds that are sequences of frames, as long as the clip. */
export const isSequence = (features: FeatureName): boolean => features === 'frames' || features === 'hybrid';

/** Kinds that are statistics of a whole clip, one row of numbers without place or time. */
export const isVector = (features: FeatureName): boolean => features === 'functionals' || features === 'paper';
