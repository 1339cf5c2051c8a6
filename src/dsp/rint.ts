/** Rounds halves to the even number, as NumPy's `rint`, which librosa's band edges and pitch classes go through. */
export const rint = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
