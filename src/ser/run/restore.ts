/** A trained model back from its run folder. */
import { createModel, type SerModel } from '../models/index.js';
import { loadModel, type ModelFile } from './checkpoint.js';
import { runFiles } from './config.js';

/** The run's best weights in a model in evaluation mode. @throws RunError where nothing was trained yet */
export function restoreModel(run: string): { file: ModelFile; model: SerModel } {
  const file = loadModel(runFiles(run).model);
  const model = createModel(file.settings);
  model.loadStateDict(file.weights);
  model.eval();
  return { file, model };
}
