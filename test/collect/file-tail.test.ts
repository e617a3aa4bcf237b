import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileTail } from '../../src/collect/file-tail.ts';
import { until } from './memory-sink.ts';

let folder = '';
let path = '';
let lines: string[] = [];
let errors: string[] = [];
let isRefusing = false;
let tail: FileTail | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-tail-'));
  path = join(folder, 'pg.json');
  [lines, errors, isRefusing] = [[], [], false];
});
afterEach(async () => {
  await tail?.stop();
  rmSync(folder, { recursive: true });
});

function follow(fromOffset?: number): FileTail {
  tail = new FileTail(path, {
    fromOffset,
    onLines: (text) => {
      if (isRefusing) throw new Error('disk full');
      lines.push(...text.split('\n'));
    },
    onError: ({ message }) => errors.push(message),
  });
  return tail;
}

describe('following a file', () => {
  it('starts at its end at the moment of the call', async () => {
    writeFileSync(path, 'before\n');
    const followed = follow();
    appendFileSync(path, 'after\n');
    await followed.flush();
    expect(lines).toEqual(['after']);
  });

  it('starts at a given byte', async () => {
    writeFileSync(path, 'one\ntwo\n');
    await follow(4).flush();
    expect(lines).toEqual(['two']);
  });

  it('sees growth without being asked', async () => {
    writeFileSync(path, '');
    follow();
    appendFileSync(path, 'grown\n');
    await until(() => lines.length > 0);
    expect(lines).toEqual(['grown']);
  });

  it('keeps a partial line until its newline comes, even inside a character', async () => {
    writeFileSync(path, '');
    const followed = follow();
    const bytes = Buffer.from('水源\nnext');
    for (const piece of [bytes.subarray(0, 2), bytes.subarray(2, 5), bytes.subarray(5)]) {
      appendFileSync(path, piece);
      await followed.flush();
    }
    expect(lines).toEqual(['水源']);
    appendFileSync(path, ' line\n');
    await followed.flush();
    expect(lines).toEqual(['水源', 'next line']);
  });

  it('waits for a file that is not there yet', async () => {
    const followed = follow();
    await followed.flush();
    writeFileSync(path, 'first\n');
    await followed.flush();
    expect([lines, errors]).toEqual([['first'], []]);
  });

  it('reads a truncated file from its start', async () => {
    writeFileSync(path, 'long enough to be cut\n');
    const followed = follow();
    appendFileSync(path, 'a\n');
    await followed.flush();
    truncateSync(path);
    appendFileSync(path, 'b\n');
    await followed.flush();
    expect(lines).toEqual(['a', 'b']);
  });

  it('reads a rotated file to its end, then the new one', async () => {
    writeFileSync(path, '');
    const followed = follow();
    await followed.flush();
    appendFileSync(path, 'old\n');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'still old\n');
    writeFileSync(path, 'new\n');
    await followed.flush();
    expect(lines).toEqual(['old', 'still old', 'new']);
  });

  it('reads more than fits one read', async () => {
    writeFileSync(path, '');
    const followed = follow();
    const many = Array.from({ length: 20_000 }, (_, i) => `line ${i} of many, long enough to fill buffers`);
    appendFileSync(path, `${many.join('\n')}\n`);
    await followed.flush();
    expect(lines).toEqual(many);
  });

  it('offers lines again that could not be kept', async () => {
    writeFileSync(path, '');
    isRefusing = true;
    const followed = follow();
    appendFileSync(path, 'precious\n');
    await followed.flush();
    expect([lines, errors.at(0)]).toEqual([[], 'disk full']);
    isRefusing = false;
    await followed.flush();
    expect(lines).toEqual(['precious']);
  });

  it('takes what is left when it stops, and nothing afterwards', async () => {
    writeFileSync(path, '');
    const followed = follow();
    appendFileSync(path, 'last\n');
    await followed.stop();
    appendFileSync(path, 'too late\n');
    await followed.flush();
    expect(lines).toEqual(['last']);
    tail = undefined;
  });
});
