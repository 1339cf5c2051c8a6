/** `--cache` and `--no-cache`, and where features of earlier runs are kept without either. */
import path from 'node:path';
import type { Command } from 'commander';

export interface CacheFlags {
  /** False: `--no-cache`. */
  readonly cache?: string | false;
}

export const withCacheOptions = (command: Command): Command =>
  command
    .option('--cache <dir>', 'keep features for later runs in this folder (default: see formant info)')
    .option('--no-cache', 'compute all features, and keep none');

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder to use, or none: `{}` is spread into a run's options. */
export function cacheOption({ cache }: CacheFlags, env: Environment): { readonly cache?: string } {
  // Commander gives `true` for a `--no-…` that was not said.
  const folder = typeof cache === 'string' ? path.resolve(cache) : cache === false ? undefined : usualCacheFolder(env);
  return folder === undefined ? {} : { cache: folder };
}

/** `formant/features` in the user's folder for caches, as the XDG Base Directory Specification names it, or Windows. */
export function usualCacheFolder(env: Environment): string | undefined {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = env;
  // The specification has relative paths ignored.
  const caches =
    XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)
      ? XDG_CACHE_HOME
      : HOME
        ? path.join(HOME, '.cache')
        : LOCALAPPDATA;
  return caches ? path.join(caches, 'formant', 'features') : undefined;
}
