/**
 * Groups lines into batches: each holds whatever has arrived while the last one was being worked on. So a list that is piped in is one
 * batch, and a program that asks line by line is answered line by line. Empty lines are skipped.
 */
export async function* lineBatches(lines: AsyncIterable<string>): AsyncGenerator<string[], void, undefined> {
  const waiting: string[] = [];
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake = (): void => {};
  const reading = (async () => {
    try {
      for await (const line of lines) {
        if (line.trim() !== '') waiting.push(line.trim());
        wake();
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wake();
  })();
  for (;;) {
    if (waiting.length > 0) yield waiting.splice(0);
    else if (ended) break;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  await reading;
  if (failure) throw failure.error;
}
