/** Results of other runs, to stand beside one in its report. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeFsError } from '../../io/index.js';
import { scoresOf } from '../metrics/index.js';
import type { ReportMark } from '../report/index.js';
import { runFiles } from './config.js';
import { RunError } from './errors.js';
import type { RunResult } from './types.js';

/** The test scores of a run folder, from its result.json. @throws RunError if the run was not tested yet */
export function readMark(run: string): ReportMark {
  const file = runFiles(run).result;
  let found: Partial<RunResult> | null;
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunResult> | null;
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no JSON' : describeFsError(error);
    throw new RunError(
      `${run} has no result to show beside: ${file} cannot be read (${reason}). Evaluate that run first.`,
      {
        cause: error,
      },
    );
  }
  const confusion = found?.test?.confusion;
  if (!confusion) throw new RunError(`${file} holds no test result; evaluate ${run} again.`);
  const { accuracy, uar, macro, weighted } = scoresOf(confusion);
  return {
    name: `${found?.model ?? 'unknown'} on ${found?.features ?? 'unknown'} (${path.basename(path.resolve(run))})`,
    protocol: found?.protocol,
    accuracy,
    uar,
    macroF1: macro.f1,
    weightedF1: weighted.f1,
  };
}
