/** A stream of the browser's is taken from its file where that can be done, and is the same through DevTools. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readStream } from '../../probe/cdp/browser-stream.ts';
import { type CdpSession, sessionOf } from '../../probe/cdp/cdp-session.ts';
import { findChromium } from '../../probe/chromium.ts';
import type { Fields } from '../../src/import/netlog/events.ts';

const isLinux = process.platform === 'linux';

interface Asked {
  readonly sizes: number[];
  isClosed: boolean;
}

/** A browser of this very process, as far as its open files go. */
function fakeBrowser(stream: Buffer, asked: Asked, pid: unknown = process.pid): CdpSession {
  let at = 0;
  const answers: Record<string, (params: Fields) => Fields> = {
    'IO.read': ({ size }) => {
      asked.sizes.push(Number(size));
      const part = stream.subarray(at, at + Number(size));
      at += part.length;
      return { data: part.toString('base64'), base64Encoded: true, eof: at >= stream.length };
    },
    'IO.close': () => {
      asked.isClosed = true;
      return {};
    },
    'SystemInfo.getProcessInfo': () => ({
      processInfo: [
        { type: 'renderer', id: 1 },
        { type: 'browser', id: pid },
      ],
    }),
  };
  return {
    on: () => undefined,
    send: async (method, params = {}) => answers[method]!(params),
  };
}

describe('a stream', () => {
  const stream = Buffer.alloc(3_000_000, 'what the browser saw; ');
  let folder: string;
  let open: number[];
  let asked: Asked;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headwater-stream-'));
    open = [];
    asked = { sizes: [], isClosed: false };
  });
  afterEach(() => {
    for (const fd of open) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  });

  function openWithoutName(content: Buffer): void {
    const path = join(folder, `${open.length}`);
    writeFileSync(path, content);
    open.push(openSync(path, 'r'));
    rmSync(path);
  }

  it.runIf(isLinux)('is taken from the file that begins like it', async () => {
    openWithoutName(Buffer.alloc(10));
    openWithoutName(Buffer.alloc(3_000_000, 'what another one saw; '));
    openWithoutName(stream);
    expect((await readStream('1', fakeBrowser(stream, asked))).equals(stream)).toBe(true);
    expect(asked).toEqual({ sizes: [65_536], isClosed: true });
  });

  it('is asked for where no file is it', async () => {
    openWithoutName(Buffer.alloc(3_000_000, 'what another one saw; '));
    expect((await readStream('1', fakeBrowser(stream, asked))).equals(stream)).toBe(true);
    expect(asked).toEqual({ sizes: [65_536, 1_048_576, 1_048_576, 1_048_576], isClosed: true });
  });

  it.each([0, 'nobody', undefined, 2 ** 31])('is asked for where the browser is process %s', async (pid) => {
    openWithoutName(stream);
    const read = await readStream('1', fakeBrowser(stream, asked, pid ?? null));
    expect(read.equals(stream)).toBe(true);
    expect(asked.sizes.length).toBe(4);
  });

  it.each([0, 10, 65_536])('of %i bytes is there at once', async (length) => {
    const short = stream.subarray(0, length);
    expect((await readStream('1', fakeBrowser(short, asked))).equals(short)).toBe(true);
    expect(asked).toEqual({ sizes: [65_536], isClosed: true });
  });
});

describe('a trace of a real Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: await findChromium() });
  });
  afterAll(() => browser.close());

  it('is the same from its file and through DevTools', async () => {
    const { on, send } = sessionOf(await browser.newBrowserCDPSession());
    const complete = new Promise<Fields>((resolve) => on('Tracing.tracingComplete', resolve));
    await send('Tracing.start', {
      transferMode: 'ReturnAsStream',
      streamFormat: 'proto',
      traceConfig: { includedCategories: ['devtools.timeline'], excludedCategories: ['*'] },
    });
    const page = await browser.newPage();
    await page.setContent('<p>');
    await page.evaluate(
      "for (let i = 0; i < 2000; i++) document.querySelector('p').innerHTML = '<b>' + i + '</b>'",
    );
    await page.close();
    await send('Tracing.end');
    const { stream } = await complete;

    let parts = 0;
    const keepsOpen: CdpSession = {
      on,
      send: (method, params) => {
        if (method === 'IO.read') parts++;
        return method === 'IO.close' ? Promise.resolve({}) : send(method, params);
      },
    };
    const fromFile = await readStream(stream, keepsOpen);
    expect(fromFile.length).toBeGreaterThan(100_000);
    if (isLinux) expect(parts).toBe(1);

    let offset = 0;
    const secretive: CdpSession = {
      on,
      send: async (method, params) => {
        if (method === 'SystemInfo.getProcessInfo') throw new Error('not told');
        const answer = await send(method, method === 'IO.read' ? { ...params, offset } : params);
        if (method === 'IO.read') offset += Buffer.from(String(answer.data), 'base64').length;
        return answer;
      },
    };
    expect((await readStream(stream, secretive)).equals(fromFile)).toBe(true);
  }, 30_000);
});
