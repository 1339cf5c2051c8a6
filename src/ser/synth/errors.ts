import { FormantError } from '../../device/errors.js';

/** The synthetic corpus cannot be made as asked. */
export class SynthError extends FormantError {}
