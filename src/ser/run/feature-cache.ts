import { device } from '../../tensor/index.js';
import { FeatureCache } from '../features/index.js';
import type { FeatureName } from '../models/index.js';
import type { Hooks } from './types.js';

/** The features that a folder holds of earlier runs, for what computes now; without a folder, none. Call it after `init()`. */
export const openFeatureCache = (
  root: string | undefined,
  { features, seed }: { readonly features: FeatureName; readonly seed: number },
  { onNotice }: Hooks,
): FeatureCache | undefined =>
  root === undefined
    ? undefined
    : new FeatureCache({ root, features, seed, device: device().info.description, onNotice });
