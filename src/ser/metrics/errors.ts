import { FormantError } from '../../device/errors.js';

/** Numbers from which no metric can be made: unequal lengths, labels outside the classes, probabilities that are none. */
export class MetricError extends FormantError {}
