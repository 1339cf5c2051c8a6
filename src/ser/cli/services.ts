/** The functions behind the commands, each loaded only when a command needs it: `formant --help` loads no GPU and no charts. */

/** What ser/run offers. */
export type RunFunctions = Pick<
  typeof import('../run/index.js'),
  | 'trainRun'
  | 'resumeRun'
  | 'mergeRuns'
  | 'evaluateRun'
  | 'predictFiles'
  | 'predictLive'
  | 'findClips'
  | 'exportRun'
  | 'writeFeatures'
  | 'benchStep'
>;

export interface Services {
  runs(): Promise<RunFunctions>;
  /** Closes the device, if the functions of `runs` have opened one. */
  close(): Promise<void>;
}

export const services: Services = {
  runs: () => import('../run/index.js'),
  close: async () => (await import('../../tensor/index.js')).shutdown(),
};
