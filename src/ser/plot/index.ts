/** Pictures of one clip: waveform, mel spectrogram, MFCC, RMS and zero-crossing rate, also beside an altered copy. */
export { drawPlot, type DrawOptions } from './draw.js';
export { plotClip, type PlotOptions, type Plotted } from './plot-clip.js';
export { measure, thin, MOST_COLUMNS, type MeasureOptions } from './measure.js';
export { drawAugmentation, type Augmentation } from './augment.js';
export { PANELS, type AugmentName, type Image, type Measured, type PanelName } from './types.js';
