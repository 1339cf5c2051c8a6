import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip } from '../corpora/published.js';
import { serve } from '../download/server.js';
import { formant, temporaryFolder } from './harness.js';

const folder = temporaryFolder();
const names = ['1001_DFA_ANG_XX', '1002_DFA_SAD_XX'];
const csv = Buffer.from(`"Stimulus_Number","Filename"\n1,"${names[0]}"\n2,"${names[1]}"\n`);
const mirror = () =>
  serve({
    '/SentenceFilenames.csv': csv,
    ...Object.fromEntries(names.map((name) => [`/AudioWAV/${name}.wav`, clip(1000)])),
  });

async function* answers(...lines: string[]): AsyncGenerator<string, void, undefined> {
  for (const line of lines) yield Promise.resolve(line);
}

describe('formant download', () => {
  test('shows the licence, fetches, and says how to go on', async () => {
    const { url } = await mirror();
    const out = join(folder, 'a');
    const told = await formant(['download', 'crema-d', '--out', out, '--yes', '--url', url]);
    expect(told.code).toBe(0);
    expect(told.stderr).toMatch(/CREMA-D.*606 MB\n.*licence: ODbL 1\.0.*\n.*cite:.*Cao.*\n.*from:.*github/);
    expect(told.stderr).toMatch(/Downloading: 2 of 2 clips/);
    expect(told.stdout).toBe(
      `${join(out, 'CREMA-D')} holds 2 clips. Look at them with: formant corpus ${join(out, 'CREMA-D')}\n`,
    );
    const found = await formant(['corpus', out, '--json']);
    expect(found.json()).toMatchObject({ clips: 2, speakers: ['CREMA-D/1001', 'CREMA-D/1002'] });
    // A mirror by environment; and nothing is fetched twice.
    const again = await formant(['download', 'crema-d', '--out', out, '--yes', '--json'], {
      env: { FORMANT_CREMA_D_URL: url },
    });
    expect(again.json()).toEqual({
      corpus: 'crema-d',
      folder: join(out, 'CREMA-D'),
      clips: 2,
      fetched: 0,
      missing: [],
    });
  });

  test('fetches nothing without a yes, and takes one on a terminal', async () => {
    const { url, log } = await mirror();
    const out = join(folder, 'b');
    const args = ['download', 'crema-d', '--out', out, '--url', url];
    const mute = await formant(args);
    expect(mute).toMatchObject({ code: 2, stdout: '' });
    expect(mute.stderr).toMatch(/licence: ODbL[^]*Nothing was fetched.*--yes/);
    const no = await formant(args, { terminal: true, stdin: answers('no') });
    expect(no.code).toBe(2);
    expect({ log, there: existsSync(out) }).toEqual({ log: [], there: false });
    const yes = await formant(args, { terminal: true, stdin: answers('yes') });
    expect(yes.stderr).toContain('[y/N]');
    expect(yes.code).toBe(0);
    expect(readdirSync(join(out, 'CREMA-D', 'AudioWAV'))).toHaveLength(2);
  });

  test('fails with 1 on another file than the published one, and keeps none of it', async () => {
    const { url } = await serve({ '/r.zip': Buffer.from('not the archive') });
    const out = join(folder, 'c');
    const told = await formant(['download', 'ravdess', '--out', out, '--yes', '--url', `${url}/r.zip`, '--json']);
    expect(told.code).toBe(1);
    expect(told.json()).toMatchObject({
      error: { type: 'DownloadError', message: expect.stringMatching(/15 bytes.*208468073.*--url/) as string },
    });
    expect(readdirSync(out)).toEqual([]);
  });

  test('fails with 1 on clips that the server has not, and names them', async () => {
    const { url } = await serve({ '/SentenceFilenames.csv': csv, [`/AudioWAV/${names[0]}.wav`]: clip(1000) });
    const told = await formant(['download', 'crema-d', '--out', join(folder, 'd'), '--yes', '--url', url]);
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(/holds 1 clip\.[^]*1 clip could not be found on the server: 1002_DFA_SAD_XX\.wav/);
  });
});
