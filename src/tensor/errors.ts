import { FormantError } from '../device/errors.js';

/** Shapes, axes or attributes of an op do not fit. */
export class ShapeError extends FormantError {}
/** A tensor has the wrong element type for an op. */
export class DTypeError extends FormantError {}
/** The value of an intermediate was dropped by a commit; `keep()` would have saved it. */
export class StaleTensorError extends FormantError {}
/** A graph grew past its bound without a commit. */
export class GraphTooLargeError extends FormantError {}
/** A gradient was asked for where none is defined. */
export class GradientError extends FormantError {}
/** The engine was used before `await init()`, or after `shutdown()`. */
export class NotInitializedError extends FormantError {}
/** `noGrad` or `compile` was given an async callback, whose ops would escape it. */
export class AsyncCallbackError extends FormantError {}
/** A function cannot be compiled as it is, or was called with arguments it cannot be replayed with. */
export class CompileError extends FormantError {}
