export { type CheckedDispatch, type CheckedKernel, type Range } from './checked-kernel.js';
export { SanitizerError, type FaultKind, type Report, type Triple } from './report.js';
export { Sanitizer, type SanitizerOptions } from './sanitizer.js';
