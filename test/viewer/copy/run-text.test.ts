import { describe, expect, it } from 'vitest';
import { runMarkdown, runPlainText } from '../../../viewer/copy/run-text.ts';
import { runView } from '../../fixtures/run-view.ts';

const { report } = runView();
const ADDRESS = 'http://localhost:4319/run/4bf9?layer=db';
const rowsOf = (text: string, head: RegExp): string[] => {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => head.test(line));
  return lines.slice(from, lines.indexOf('', from));
};

describe('a run as Markdown', () => {
  const text = runMarkdown(report, ADDRESS);

  it('begins with the verdict and ends with the address', () => {
    expect(text.startsWith(`**${report.verdict.sentence}**\n\n`)).toBe(true);
    expect(text.endsWith(`\n\n<${ADDRESS}>`)).toBe(true);
    expect(text).toContain(report.traceId);
  });

  it('has a row for each piece of the ledger, most time first, and one for all', () => {
    const rows = rowsOf(text, /^\| Layer/);
    expect(rows).toHaveLength(report.ledger.length + 3);
    expect(rows[2]).toBe('| database | postgresql | seq scan | 1.30 s | 49.7 % | logged |');
    expect(rows.at(-1)).toMatch(/^\| all of it \| {2}\| {2}\| 2\.61 s \| 100\.0 % \|/);
    const cells = new Set(rows.map((row) => row.split('|').length));
    expect(cells).toEqual(new Set([8]));
  });

  it('has a row for each step', () => {
    const rows = rowsOf(text, /^\| Step/).slice(2);
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(report.steps.map(({ name }) => `| ${name}`));
  });

  it('adds up what is too much to list, so that the rows still make the whole', () => {
    const many = Array.from({ length: 60 }, (_, i) => ({
      ...report.ledger[0]!,
      component: `part-${i}`,
      ns: 1e6,
    }));
    const rows = rowsOf(runMarkdown({ ...report, ledger: many, wallNs: 60e6 }, ADDRESS), /^\| Layer/);
    expect(rows).toHaveLength(2 + 30 + 2);
    expect(rows.at(-2)).toContain('| 30 smaller |  |  | 30 ms | 50.0 % |');
  });

  it('says first that and why a run failed', () => {
    const failed = runMarkdown({ ...report, status: 'failed', error: 'the page\nsaid <no>' }, ADDRESS);
    expect(failed.startsWith('**This run failed.** the page')).toBe(true);
    expect(failed).toContain('\\<no\\>');
    expect(failed.split('\n')[0]).toContain('said');
  });

  it('lets no name end a cell, begin markup, or reorder the rest', () => {
    const name = 'a|b <img src=x> `c` [d](e)\n# f \u202e g';
    const ledger = [{ ...report.ledger[0]!, component: name }];
    const hostile = runMarkdown({ ...report, ledger, steps: [] }, ADDRESS);
    const row = rowsOf(hostile, /^\| Layer/)[2] ?? '';
    expect(row.replace(/\\./g, '').split('|')).toHaveLength(8);
    expect(row).toContain('\\<img');
    expect(hostile).not.toContain('\u202e');
  });
});

describe('a run as plain text', () => {
  const text = runPlainText(report, ADDRESS);

  it('says the same without markup, in columns', () => {
    expect(text.startsWith(`${report.verdict.sentence}\n`)).toBe(true);
    expect(text.split('\n').at(-1)).toBe(ADDRESS);
    const rows = rowsOf(text, /^Layer/);
    expect(rows).toHaveLength(report.ledger.length + 2);
    const ends = rows.map((row) => row.search(/%|Share/));
    expect(rows[1]).toMatch(/^database +postgresql +seq scan +1\.30 s +49\.7 % +logged$/);
    expect(new Set(ends.slice(1)).size).toBe(1);
  });
});
