import { FormantError } from '../../device/errors.js';

/** Folders of speech that cannot be used: missing, no corpus in them, or (where that was asked for) with bad files. */
export class CorpusError extends FormantError {}
