/** A path's file name without its extension, and the name of the folder it lies in ('' if none). */
export function splitPath(path: string): { stem: string; folder: string } {
  const parts = path.split(/[/\\]/);
  const file = parts[parts.length - 1] ?? '';
  return { stem: file.replace(/\.[^.]*$/, ''), folder: parts[parts.length - 2] ?? '' };
}
