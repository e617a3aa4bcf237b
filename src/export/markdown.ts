/**
 * A run as Markdown, to be pasted into an incident document or a pull request: what happened, where the time went, what
 * proves it, what to look at next. Whatever came from outside is escaped: names may hold pipes, backticks and tags.
 */
import { LAYER_NAME } from '../model/layer.ts';
import type { Coverage, LedgerEntry, RunReport, RunView } from '../model/report.ts';
import { formatDuration, type Nanos, unixMsFromNano } from '../model/time.ts';
import { code, inline } from './markdown-text.ts';

/** Ledger rows below this share of the run are added up in one line. */
const LEDGER_SHARE = 0.004;
const MAX_WARNINGS = 12;

export interface MarkdownParts {
  /** Drawn with characters, without colours. */
  readonly waterfall: string;
  /** Where to look at it: an address or a command. */
  readonly link: string;
}

export function markdownOf(view: RunView, { waterfall, link }: MarkdownParts): string {
  const { report } = view;
  const sections = [
    heading(report),
    verdict(report),
    table('Where the time went', ledgerTable(report)),
    report.steps.length > 0 ? table('Steps', stepsTable(report)) : '',
    `## Waterfall\n\n${fenced(waterfall)}`,
    `## What could be seen\n\n${report.coverage.map(coverageLine).join('\n')}`,
    doubts(report),
    `Trace \`${report.traceId}\` · ${link}`,
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

const table = (title: string, body: string): string => `## ${title}\n\n${body}`;

function heading({ journey, status, startUnixNano, wallNs, error }: RunReport): string {
  const at = new Date(unixMsFromNano(BigInt(startUnixNano))).toISOString();
  const outcome = status === 'failed' ? `**failed**${error ? `: ${inline(error)}` : ''}` : 'ok';
  return `# ${inline(journey)}: ${formatDuration(wallNs)}\n\n${at} · ${outcome}`;
}

function verdict({ verdict: said }: RunReport): string {
  const sure =
    said.confidence === undefined || said.confidence === 'certain'
      ? ''
      : `\n>\n> ${said.confidence === 'thin' ? 'Not sure' : 'Likely, not certain'}${said.doubt ? `: ${inline(said.doubt)}` : '.'}`;
  const lines = [
    `> **${inline(said.sentence)}**${sure}`,
    `**Evidence.** ${inline(said.evidence)}`,
    `**Next.** ${inline(said.next)}`,
  ];
  const others = (said.others ?? []).map(
    ({ layer, component, cause, ns }) =>
      `- ${formatDuration(ns)} ${LAYER_NAME[layer]}: \`${code(cause)}\` at ${inline(component)}`,
  );
  if (others.length > 0) lines.push(`Also:\n\n${others.join('\n')}`);
  return lines.join('\n\n');
}

function ledgerTable({ ledger, wallNs }: RunReport): string {
  const shown = ledger.filter((entry) => entry.ns >= wallNs * LEDGER_SHARE);
  const rest = ledger.filter((entry) => !shown.includes(entry));
  const restNs = rest.reduce((sum, { ns }) => sum + ns, 0);
  return [
    '| time | share | layer | cause | who | known |',
    '|---:|---:|---|---|---|---|',
    ...shown.map((entry) => ledgerRow(entry, wallNs)),
    ...(rest.length > 0
      ? [`| ${formatDuration(restNs)} | ${percent(restNs, wallNs)} | ${rest.length} smaller pieces | | | |`]
      : []),
    `| **${formatDuration(wallNs)}** | ${percent(wallNs, wallNs)} | **all of it** | | | |`,
  ].join('\n');
}

const ledgerRow = ({ layer, component, cause, ns, evidence }: LedgerEntry, wallNs: Nanos): string =>
  `| ${formatDuration(ns)} | ${percent(ns, wallNs)} | ${LAYER_NAME[layer]} | \`${code(cause)}\` | ${inline(component)} | ${evidence} |`;

const percent = (ns: Nanos, wallNs: Nanos): string => `${((ns / Math.max(1, wallNs)) * 100).toFixed(1)} %`;

function stepsTable({ steps }: RunReport): string {
  const rows = steps.map((step) => {
    const most = step.ledger[0];
    const what = most ? `${formatDuration(most.ns)} ${LAYER_NAME[most.layer]} \`${code(most.cause)}\`` : '';
    return `| ${inline(step.name)} | ${step.status} | ${formatDuration(step.wallNs)} | ${what} |`;
  });
  return ['| step | | time | most of it |', '|---|---|---:|---|', ...rows].join('\n');
}

const coverageLine = ({ layer, sources, hint }: Coverage): string =>
  `- ${LAYER_NAME[layer]}: ${sources.length > 0 ? inline(sources.join(', ')) : 'not seen'}${hint ? `. ${inline(hint)}` : ''}`;

function doubts({ warnings }: RunReport): string {
  if (warnings.length === 0) return '';
  const lines = warnings
    .slice(0, MAX_WARNINGS)
    .map(({ code: name, message }) => `- ${inline(message)} (\`${code(name)}\`)`);
  if (warnings.length > MAX_WARNINGS) lines.push(`- and ${warnings.length - MAX_WARNINGS} more`);
  return `## Doubts\n\n${lines.join('\n')}`;
}

/** A fence longer than any run of backticks in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.replace(/\s+$/gm, '')}\n${fence}`;
}
