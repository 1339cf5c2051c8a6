/** Numbers as the report writes them. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)}%`;

/** A score of three digits; a dash where there is none. */
export const score = (value: number | null | undefined): string =>
  value === undefined || value === null ? '–' : value.toFixed(3);

/** 917703 → 917,703. */
export const group = (count: number): string => count.toLocaleString('en-GB');

export const plural = (count: number, word: string): string => `${group(count)} ${word}${count === 1 ? '' : 's'}`;

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
