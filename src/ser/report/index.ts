/** The report of a run: one HTML page. */
export { renderReport, ReportError } from './report.js';
export { spectrogramPicture } from './picture.js';
export type {
  ReportCounts,
  ReportData,
  ReportEpoch,
  ReportGroups,
  ReportMark,
  ReportMistake,
  ReportRoc,
  ReportSide,
} from './types.js';
