import path from 'node:path';
import { canonicalLabel, isKnownLabel } from './fusion.js';
import type { ClipLabel } from './types.js';

/** The speaker of clips whose speaker nobody tells. */
export const UNKNOWN_SPEAKER = 'unknown';

/**
 * Labels a file by its folders below the one given: `<emotion>/<file>` or `<speaker>/<emotion>/<file>`; the corpus is the given folder's
 * name. Further folders above (as of a doubled archive) do not matter.
 */
export function labelByFolders(root: string, file: string): ClipLabel | { reason: string } {
  const folders = path.relative(root, path.dirname(file)).split(path.sep).filter(Boolean);
  const [emotion, speaker] = folders.reverse();
  if (emotion === undefined) {
    return { reason: 'it lies in no folder below the one given, so nothing tells its emotion (<emotion>/<file>)' };
  }
  const label = canonicalLabel(emotion);
  if (speaker !== undefined && !isKnownLabel(label) && isKnownLabel(canonicalLabel(speaker))) {
    return {
      reason: `its folder "${emotion}" is no known emotion, but "${speaker}" above it is; the layout is <speaker>/<emotion>/<file>`,
    };
  }
  const corpus = path.basename(root);
  return { corpus, speaker: `${corpus}/${speaker ?? UNKNOWN_SPEAKER}`, emotion: label };
}
