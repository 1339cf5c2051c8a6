export { runIr, type RunInputs } from './run.js';
