export { renderReport, ReportError } from './report.js';
export type { ReportBaseline, ReportData, ReportEpoch, ReportGroup, ReportRoc, ReportSide } from './types.js';
