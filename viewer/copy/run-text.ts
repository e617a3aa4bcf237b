/** A run in words, to be pasted into an issue or a chat: verdict, where the time went, steps, address. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { LedgerEntry, RunReport } from '../../src/model/report.ts';
import { formatDuration, type Nanos, unixMsFromNano } from '../../src/model/time.ts';
import { plainText, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import { cell } from './cell.ts';

/** More rows are read by nobody; the rest is one row, so that the table still adds up to the whole. */
const MOST_ROWS = 30;
const LONGEST_CELL = 60;
const LONGEST_SENTENCE = 2000;

const LEDGER_HEAD = ['Layer', 'Where', 'Why', 'Time', 'Share', 'Known'];
const STEPS_HEAD = ['Step', 'Time', 'Share', 'Status'];

export function runMarkdown(report: RunReport, address: string): string {
  return [
    failureOf(report) && `**This run failed.** ${cell(failureOf(report))}`,
    `**${cell(report.verdict.sentence)}**`,
    cell(report.verdict.evidence),
    report.verdict.next && `Look next: ${cell(report.verdict.next)}`,
    `\`${report.traceId}\` ${cell(report.journey)}, ${formatDuration(report.wallNs)}, started ${startOf(report)}`,
    markdownTable(LEDGER_HEAD, ledgerRows(report)),
    markdownTable(STEPS_HEAD, stepRows(report)),
    `<${address}>`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

export function runPlainText(report: RunReport, address: string): string {
  return [
    failureOf(report) && `This run failed. ${sentence(failureOf(report))}`,
    [report.verdict.sentence, report.verdict.evidence].filter(Boolean).map(sentence).join('\n'),
    report.verdict.next && `Look next: ${sentence(report.verdict.next)}`,
    `${sentence(report.journey)}, ${formatDuration(report.wallNs)}, started ${startOf(report)}, trace ${report.traceId}`,
    alignedTable(LEDGER_HEAD, ledgerRows(report)),
    alignedTable(STEPS_HEAD, stepRows(report)),
    address,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const failureOf = ({ status, error }: RunReport): string =>
  status === 'failed' ? (error ?? 'The journey gave no reason.') : '';

const startOf = ({ startUnixNano }: RunReport): string =>
  new Date(unixMsFromNano(BigInt(startUnixNano))).toISOString();

const sentence = (text: string): string =>
  shorten(plainText(text.replace(/\s+/g, ' ').trim()), LONGEST_SENTENCE);

const share = (ns: Nanos, wallNs: Nanos): string => `${((ns / Math.max(1, wallNs)) * 100).toFixed(1)} %`;

/** Most time first, and in the last row all of it. */
function ledgerRows({ ledger, wallNs }: RunReport): string[][] {
  const sorted = [...ledger].sort((a, b) => b.ns - a.ns);
  const shown = sorted.slice(0, MOST_ROWS);
  const rest = sorted.slice(MOST_ROWS);
  const restNs = rest.reduce((sum, { ns }) => sum + ns, 0);
  const rows = shown.map((entry) => ledgerRow(entry, wallNs));
  if (rest.length > 0)
    rows.push([`${rest.length} smaller`, '', '', formatDuration(restNs), share(restNs, wallNs), '']);
  return [...rows, ['all of it', '', '', formatDuration(wallNs), share(wallNs, wallNs), '']];
}

const ledgerRow = ({ layer, component, cause, ns, evidence }: LedgerEntry, wallNs: Nanos): string[] => [
  LAYER_NAME[layer],
  component,
  causeInWords(cause),
  formatDuration(ns),
  share(ns, wallNs),
  evidence,
];

const stepRows = ({ steps, wallNs }: RunReport): string[][] =>
  steps.map((step) => [step.name, formatDuration(step.wallNs), share(step.wallNs, wallNs), step.status]);

const isNumber = (head: string): boolean => head === 'Time' || head === 'Share';

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((name) => (isNumber(name) ? '--:' : '---')).join('|')}|`;
  return [
    line(head),
    rule,
    ...rows.map((row) => line(row.map((text) => cell(shorten(text, LONGEST_CELL))))),
  ].join('\n');
}

/** Columns by spaces: names left, numbers right. */
function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = [head, ...rows.map((row) => row.map((text) => shorten(sentence(text), LONGEST_CELL)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const padded = (text: string, column: number): string =>
    isNumber(head[column] ?? '') ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  return cells.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}
