/**
 * Golden pictures: what a screen looked like when somebody last looked at it. `UPDATE_GOLDEN=1` draws them anew.
 * They hold only for the browser and the fonts they were made with (made-with.json): with others, every letter differs.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import type { Browser } from 'playwright';
import { PNG } from 'pngjs';

const FOLDER = fileURLToPath(new URL('../golden/viewer/', import.meta.url));
const MADE_WITH = join(FOLDER, 'made-with.json');
/** The pictures are drawn anew, and nothing is compared. */
export const updating = process.env.UPDATE_GOLDEN === '1';

/** Share of a picture's pixels that may differ: antialiasing of a few lines at half a pixel, far less than a word. */
const MOST_DIFFERENT = 0.0002;
/** How far a pixel's colour may be off before it differs (pixelmatch's own scale, 0 to 1; its default is 0.1). */
const COLOUR_TOLERANCE = 0.1;

interface MadeWith {
  readonly chromiumMajor: string;
  /** Of a picture of letters and signs: tells fonts and the way they are drawn. */
  readonly letters: string;
}

/** Why the pictures cannot be compared here; undefined when they can. */
export async function whyNotComparable(browser: Browser, lettersUrl: string): Promise<string | undefined> {
  const here = await madeWith(browser, lettersUrl);
  if (updating) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(MADE_WITH, `${JSON.stringify(here, null, 2)}\n`);
    return undefined;
  }
  const there = JSON.parse(readFileSync(MADE_WITH, 'utf8')) as MadeWith;
  if (there.chromiumMajor !== here.chromiumMajor)
    return `the golden pictures were made with Chromium ${there.chromiumMajor}, this is ${here.chromiumMajor}`;
  return there.letters === here.letters
    ? undefined
    : 'letters are drawn differently here than in the golden pictures';
}

/** From a page of its own: in a page of the viewer, the viewer draws whenever it is ready to. */
async function madeWith(browser: Browser, lettersUrl: string): Promise<MadeWith> {
  const page = await browser.newPage({ viewport: { width: 600, height: 80 }, deviceScaleFactor: 1 });
  await page.goto(lettersUrl);
  await page.evaluate(() => Promise.all([...document.fonts].map((font) => font.load())));
  const picture = await page.screenshot();
  await page.close();
  const pixels = PNG.sync.read(picture).data;
  return {
    chromiumMajor: browser.version().split('.')[0] ?? '',
    letters: createHash('sha256').update(pixels).digest('hex').slice(0, 16),
  };
}

/** What is wrong with the picture, in a sentence; undefined when it is as it was. */
export function differsFromGolden(name: string, picture: Buffer): string | undefined {
  const path = join(FOLDER, `${name}.png`);
  if (updating) return void writeFileSync(path, smaller(picture));
  if (!existsSync(path)) return `There is no golden picture ${name}. UPDATE_GOLDEN=1 makes it; look at it.`;
  const [golden, actual] = [PNG.sync.read(readFileSync(path)), PNG.sync.read(picture)];
  const { width, height } = golden;
  if (width !== actual.width || height !== actual.height)
    return `${name} is ${actual.width} × ${actual.height}, the golden picture ${width} × ${height}.`;
  const diff = new PNG({ width, height });
  const different = pixelmatch(golden.data, actual.data, diff.data, width, height, {
    threshold: COLOUR_TOLERANCE,
  });
  if (different <= width * height * MOST_DIFFERENT) return undefined;
  return `${name} differs in ${different} pixels: ${keep(name, picture, PNG.sync.write(diff))}`;
}

/** Packed as hard as it goes: the pictures live in the repository. */
const smaller = (picture: Buffer): Buffer =>
  PNG.sync.write(PNG.sync.read(picture), {
    deflateLevel: 9,
    colorType: 2,
    filterType: 0,
    deflateStrategy: 0,
  });

function keep(name: string, actual: Buffer, diff: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-golden-'));
  writeFileSync(join(folder, `${name}.actual.png`), actual);
  writeFileSync(join(folder, `${name}.diff.png`), diff);
  return `see ${folder}; if it is meant so, UPDATE_GOLDEN=1 makes it the golden one`;
}
