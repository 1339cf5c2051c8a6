let noticed = false;

/** Says once a process, on stderr, that the CPU does a GPU's work. `by`: what computes, and how it compares. */
export function noticeNoGpu(by: string): void {
  if (noticed || typeof process === 'undefined' || !process.stderr || process.env.FORMANT_QUIET === '1') return;
  noticed = true;
  process.stderr.write(
    `formant: no GPU in use: computing on the CPU by ${by}. ` +
      "Install your graphics card's Vulkan driver to use it (FORMANT_ADAPTER=hardware insists on it; FORMANT_QUIET=1 hides this line).\n",
  );
}
