import { describe, expect, it } from 'vitest';
import { markdownOf } from '../../src/export/markdown.ts';
import type { RunView } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';

const PARTS = { waterfall: 'GET /  ███', link: '`headwater show 1234`' };
const view = viewOf(readRun('lb-queue'));
const markdown = markdownOf(view, PARTS);

describe('an incident’s page', () => {
  it('begins with what, when and the verdict', () => {
    expect(markdown).toMatch(
      /^# checkout: \d.+\n\n2026-\S+Z · ok\n\n> \*\*checkout took .*load balancer.*\*\*/,
    );
    expect(markdown).toContain('**Evidence.** ');
    expect(markdown).toContain('**Next.** ');
  });

  it('has a ledger that adds up to all of it', () => {
    expect(markdown).toContain(
      `| **${formatDuration(view.report.wallNs)}** | 100.0 % | **all of it** | | | |`,
    );
    for (const { cause } of view.report.ledger.slice(0, 5)) expect(markdown).toContain(`\`${cause}\``);
  });

  it('has every row of a table with as many cells as its head', () => {
    const cells = (row: string) => row.replace(/\\\|/g, '').split('|').length;
    for (const table of markdown.split('\n\n').filter((part) => part.startsWith('| ')))
      expect(new Set(table.split('\n').map(cells)).size).toBe(1);
  });

  it('has the waterfall in a fence, and where to look', () => {
    expect(markdown).toContain('```text\nGET /  ███\n```');
    expect(markdown).toMatch(/Trace `[0-9a-f]{32}` · `headwater show 1234`\n$/);
  });

  it('says why it failed', () => {
    expect(markdownOf(viewOf(readRun('service-fails')), PARTS)).toMatch(/· \*\*failed\*\*: \S/);
  });
});

describe('names from outside', () => {
  const HOSTILE = 'a|b`c`\n# d <img src=x onerror=1> [x](http://evil.example) *e* \u001b[31m\u202e';
  const [first, ...rest] = view.report.ledger;
  const [step] = view.report.steps;
  const hostile: RunView = {
    ...view,
    report: {
      ...view.report,
      journey: HOSTILE,
      ledger: [{ ...first!, component: HOSTILE, cause: HOSTILE }, ...rest],
      steps: [{ ...step!, name: HOSTILE }],
      warnings: [{ code: HOSTILE, where: HOSTILE, message: HOSTILE }],
    },
  };
  const text = markdownOf(hostile, { ...PARTS, waterfall: `${HOSTILE}\n\`\`\`\n# not a heading` });

  it('are text: no heading, no tag, no link, no cell of their own', () => {
    const [before, fenced = ''] = text.split('````text');
    // in a code span nothing is anything but text
    const prose = before?.replace(/(?<!\\)`[^`]*`/g, '');
    expect(prose).toContain('img src=x');
    expect(prose).not.toMatch(/(?<!\\)<img/);
    expect(prose).not.toMatch(/(?<!\\)\[x\]\(http/);
    expect(before).not.toContain('\u001b');
    expect(before).not.toContain('\u202e');
    expect(before?.match(/^# /gm)?.length).toBe(1);
    expect(fenced).toContain('\n````\n');
    const cells = (row: string) => row.replace(/\\\|/g, '').split('|').length;
    for (const table of text.split('\n\n').filter((part) => part.startsWith('| ')))
      expect(new Set(table.split('\n').map(cells)).size).toBe(1);
  });
});
