/** The page in a real browser: it is there, it fits, and it asks for nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/ser/report/index.js';
import { chromium, dom, screenshot } from './chromium.js';
import { decodePng } from './png.js';
import { sampleReport } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'formant-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WIDTH = 1200;
const HEIGHT = 5600;

/**
 * Runs in the page. What is wider than its box, and text of a picture that leaves the picture; boxes that scroll sideways by design are left out.
 */
const MEASURE = `
  const found = [];
  const name = (e) => e.tagName.toLowerCase() + ': ' + (e.textContent || '').trim().slice(0, 40);
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) found.push('the page is ' + root.scrollWidth + ' wide');
  for (const e of document.querySelectorAll('main *:not(svg *)')) {
    if (e.closest('.scroll') || !e.clientWidth) continue;
    if (e.scrollWidth > e.clientWidth + 1) found.push(name(e));
  }
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const own = text.getBoundingClientRect();
      if (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 2 || own.bottom > box.bottom + 2) found.push('picture: ' + name(text));
    }
  }
  const images = [...document.images].filter((image) => !(image.complete && image.naturalWidth > 0)).length;
  document.body.setAttribute('data-found', JSON.stringify(found));
  document.body.setAttribute('data-asked', JSON.stringify(performance.getEntriesByType('resource').map((entry) => entry.name.slice(0, 60)).filter((name) => !name.startsWith('data:'))));
  document.body.setAttribute('data-images', images);
  document.body.setAttribute('data-height', root.scrollHeight);
`;

interface Measured {
  readonly found: unknown;
  readonly asked: unknown;
  readonly brokenImages: number;
  readonly height: number;
}

/** Lets a copy of the page, which itself forbids scripts, measure itself. */
function measure(html: string, width: number): Measured {
  const file = join(folder, `measured-${width}.html`);
  const open = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '');
  writeFileSync(file, open.replace('</body>', `<script>addEventListener('load', () => {${MEASURE}});</script></body>`));
  const after = dom(file, width);
  const value = (name: string): string =>
    (new RegExp(`data-${name}="([^"]*)"`).exec(after)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return {
    found: JSON.parse(value('found')),
    asked: JSON.parse(value('asked')),
    brokenImages: Number(value('images')),
    height: Number(value('height')),
  };
}

describe.skipIf(!chromium)('in Chromium', () => {
  let html: string;
  beforeAll(async () => {
    html = await renderReport(sampleReport());
  });

  test('the page is drawn from top to bottom, in its colours', () => {
    const page = join(folder, 'report.html');
    writeFileSync(page, html);
    const { width, height, pixels } = decodePng(screenshot(page, join(folder, 'report.png'), WIDTH, HEIGHT));
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    // Each band of the page holds ink, and no band is all ink.
    const band = 400;
    const dark = (from: number): number => {
      let count = 0;
      for (let i = from * WIDTH; i < (from + band) * WIDTH; i++) {
        if (pixels[3 * i] + pixels[3 * i + 1] + pixels[3 * i + 2] < 380) count++;
      }
      return count / (band * WIDTH);
    };
    for (let from = 0; from < 5200; from += band) {
      expect(dark(from), `rows ${from} to ${from + band}`).toBeGreaterThan(0.002);
      expect(dark(from), `rows ${from} to ${from + band}`).toBeLessThan(0.4);
    }
    const has = (r: number, g: number, b: number): boolean => {
      for (let i = 0; i < pixels.length; i += 3) {
        if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) return true;
      }
      return false;
    };
    // The model's bar, the paper's bar, the ground; the dark ground of a spectrogram.
    for (const [r, g, b] of [
      [0x22, 0x55, 0x9c],
      [0xc7, 0x76, 0x1b],
      [0xf4, 0xf6, 0xf8],
      [0x08, 0x08, 0x1d],
    ]) {
      expect(has(r, g, b), `colour ${r} ${g} ${b}`).toBe(true);
    }
  });

  test.each([1200, 820, 520])(
    '%i pixels wide nothing overflows, every picture shows, nothing is asked for',
    (width) => {
      const { found, asked, brokenImages, height } = measure(html, width);
      expect(found).toEqual([]);
      expect(asked).toEqual([]);
      expect(brokenImages).toBe(0);
      expect(height).toBeGreaterThan(3000);
    },
  );

  test('the measuring finds what is too wide', () => {
    const broken = html.replace('<header>', '<header><div style="width:100px"><div style="width:3000px">x</div></div>');
    expect(measure(broken, 1000).found).not.toEqual([]);
  });

  test('scripts are forbidden: one that got in does not run', () => {
    const page = join(folder, 'with-script.html');
    writeFileSync(page, html.replace('</body>', '<script>document.title = "ran"</script></body>'));
    const after = dom(page, 1000);
    expect(after).toContain('<title>Speech emotion recognition: sample</title>');
  });
});
