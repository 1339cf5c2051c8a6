/** The page in a real browser: it is there, it fits, and it asks for nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/ser/report/index.js';
import { hasChromium, launch } from './chromium.js';
import { decodePng } from './png.js';
import { sampleReport } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'formant-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WIDTH = 1200;

interface Measured {
  /** What is wider than its box, and text of a picture that leaves the picture; boxes that scroll sideways by design are left out. */
  readonly found: string[];
  readonly brokenImages: number;
  readonly height: number;
}

/** Runs in the page, whose own scripts are forbidden. */
const MEASURE = `(() => {
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
  const brokenImages = [...document.images].filter((image) => !(image.complete && image.naturalWidth > 0)).length;
  return { found, brokenImages, height: root.scrollHeight };
})()`;

describe.skipIf(!hasChromium)('in Chromium', () => {
  let browser: Browser;
  let html: string;
  beforeAll(async () => {
    html = await renderReport(sampleReport());
    browser = await launch();
  }, 120_000);
  afterAll(() => browser.close());

  /** The page, laid out, and all that it has asked for beyond itself. */
  async function open(content: string, width = WIDTH): Promise<{ page: Page; asked: string[] }> {
    const file = join(folder, 'report.html');
    writeFileSync(file, content);
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const asked: string[] = [];
    const own = `file://${file}`;
    page.on('request', (request) => {
      if (request.url() !== own && !request.url().startsWith('data:')) asked.push(request.url());
    });
    await page.goto(own, { waitUntil: 'load' });
    return { page, asked };
  }

  const measure = async (page: Page): Promise<Measured> => page.evaluate(MEASURE);

  test('the page is drawn from top to bottom, in its colours', async () => {
    const { page } = await open(html);
    const { width, height, pixels } = decodePng(await page.screenshot({ fullPage: true }));
    await page.close();
    expect(width).toBe(WIDTH);
    expect(height).toBeGreaterThan(5200);
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
    async (width) => {
      const { page, asked } = await open(html, width);
      const { found, brokenImages, height } = await measure(page);
      await page.close();
      expect(found).toEqual([]);
      expect(asked).toEqual([]);
      expect(brokenImages).toBe(0);
      expect(height).toBeGreaterThan(3000);
    },
  );

  test('the measuring finds what is too wide, and what is asked for', async () => {
    const wide = html.replace('<header>', '<header><div style="width:100px"><div style="width:3000px">x</div></div>');
    const asking = wide
      .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
      .replace('</body>', '<img src="http://example.invalid/x.png"></body>');
    const { page, asked } = await open(asking, 1000);
    const { found, brokenImages } = await measure(page);
    await page.close();
    expect(found).not.toEqual([]);
    expect(asked).toEqual(['http://example.invalid/x.png']);
    expect(brokenImages).toBe(1);
  });

  test('scripts are forbidden: one that got in does not run', async () => {
    const { page } = await open(html.replace('</body>', '<script>document.title = "ran"</script></body>'));
    expect(await page.title()).toBe('Speech emotion recognition: sample');
    await page.close();
  });
});
