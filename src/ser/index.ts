/** Speech emotion recognition: corpora, synthetic speech, features, models, protocols, metrics, runs. Published as `formant/ser`. */
import type { ReportData } from './report/index.js';

export * from './corpora/index.js';
export * from './synth/index.js';
export * from './augmentation.js';
export * from './features/index.js';
export * from './models/index.js';
export * from './protocols/index.js';
export * from './metrics/index.js';
export * from './run/index.js';
export type { ReportMark, ReportData, ReportEpoch, ReportGroups, ReportRoc, ReportSide } from './report/index.js';

/** One self-contained HTML page about a run's evaluation. The charts' library is large and is loaded by the first call. */
export async function renderReport(data: ReportData): Promise<string> {
  const report = await import('./report/index.js');
  return report.renderReport(data);
}
