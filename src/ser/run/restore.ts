/** A trained model back from its run folder. */
import { existsSync } from 'node:fs';
import { StateDictError, type StateDict } from '../../nn/index.js';
import { createModel, type SerModel } from '../models/index.js';
import { loadModel, type ModelFile } from './checkpoint.js';
import { runFiles, type RunConfig } from './config.js';
import { RunError } from './errors.js';

/** The run's best weights in a model in evaluation mode. @throws RunError where nothing was trained yet */
export function restoreModel(run: string): { file: ModelFile; model: SerModel } {
  const file = loadModel(runFiles(run).model);
  const model = createModel(file.settings);
  loadWeights(model, file.weights, run);
  model.eval();
  return { file, model };
}

/** @throws RunError where weights are missing, or are of a model that was built in another way */
export function loadWeights(model: SerModel, weights: StateDict, run: string): void {
  try {
    model.loadStateDict(weights);
  } catch (error) {
    if (!(error instanceof StateDictError)) throw error;
    throw new RunError(
      `The weights in ${run} cannot be used: they are damaged, or of another version of this program. ${told(error)} Train it anew.`,
      { cause: error },
    );
  }
}

/** What does not fit, shortened: of another network it is every name. */
function told({ message }: StateDictError): string {
  const [what] = message.split(' Build the model');
  return what.length > 300 ? `${what.slice(0, 300)}….` : what;
}

/**
 * Makes sure, before features are computed, that a run's config.json is that of its trained weights.
 * @throws RunError if they tell of different models or features, or the weights are on features that are made in another way now
 */
export function checkTrained(run: string, config: RunConfig): void {
  const files = runFiles(run);
  if (!existsSync(files.model)) return;
  const { settings } = loadModel(files.model);
  const differs = (['model', 'features', 'size'] as const).filter((name) => settings[name] !== config[name]);
  if (differs.length === 0) return;
  const told = differs.map((name) => `${name} "${config[name]}" where the weights have "${settings[name]}"`).join(', ');
  throw new RunError(
    `${files.config} does not fit the trained weights beside it: ${told}. It was changed since; put the values back, or start a new run.`,
  );
}
