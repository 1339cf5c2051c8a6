/** What can be drawn of a clip. */
export type PanelName = 'waveform' | 'mel' | 'mfcc' | 'rms' | 'zcr' | 'chroma';

export const PANELS = ['waveform', 'mel', 'mfcc', 'rms', 'zcr'] as const satisfies readonly PanelName[];

/** What can be done to a clip before it is drawn a second time. */
export type AugmentName = 'noise' | 'specaugment' | 'shift' | 'pitch' | 'stretch' | 'speed';

/** A picture by columns and rows: levels (T, rows), row by row, the lowest row first. */
export interface Image {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
}

/** One clip, measured. All series are spread evenly over `seconds`. */
export interface Measured {
  readonly seconds: number;
  /** Lowest and highest sample of each column. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Decibels relative to full scale, at most 80 below the loudest. */
  readonly mel: Image;
  readonly mfcc: Image;
  /** Energy in each of the twelve pitch classes, 0 … 1; where it was asked for. */
  readonly chroma?: Image;
  readonly rms: Float32Array;
  readonly zcr: Float32Array;
}
