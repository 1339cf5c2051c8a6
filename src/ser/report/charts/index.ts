/** The report's pictures, as SVG text. */
export { comparisonChart } from './comparison.js';
export { confusionChart } from './confusion.js';
export { CURVE_KINDS, curveChart, type CurveKind } from './curves.js';
export { reliabilityChart } from './reliability.js';
export { rocChart } from './roc.js';
