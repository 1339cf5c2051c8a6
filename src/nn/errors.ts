import { FormantError } from '../device/errors.js';

/** A state dictionary does not fit the module or optimizer it is loaded into. */
export class StateDictError extends FormantError {}
/** An optimizer or scheduler was made or used wrongly. */
export class OptimizerError extends FormantError {}
/** A layer was made with options that make no sense. */
export class ModuleError extends FormantError {}
/** A class number lies outside of the classes. */
export class LabelError extends FormantError {}
