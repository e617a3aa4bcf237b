/** A run told in a terminal: verdict, steps, waterfall, ledger, coverage. Returns text; printing is the command's. */
import type { HotFunction, HotPiece } from '../../model/cpu-profile.ts';
import { droppedText } from '../../model/keeping.ts';
import { LAYER_NAME } from '../../model/layer.ts';
import type { LedgerEntry, RunReport, RunView } from '../../model/report.ts';
import { formatDuration } from '../../model/time.ts';
import type { ClockOffset } from '../../model/trace.ts';
import { type Colours, layerPaint, plain, toWidth } from './colour.ts';
import { renderWaterfall } from './waterfall.ts';

/** Ledger rows below this share of the run are added up in one line. */
const LEDGER_SHARE = 0.004;
const MAX_WARNINGS = 8;

export function renderRun(view: RunView, width: number, colours: Colours): string {
  const { report } = view;
  const sections = [
    renderVerdict(report, colours),
    section('Steps', renderSteps(report, colours), colours),
    section('Where the request went', renderWay(view, width, colours), colours),
    section('Where the time went', renderLedger(report, colours), colours),
    view.hot?.length ? section('Hot functions', renderHot(view.hot, colours), colours) : '',
    section('What could be seen', renderCoverage(report, colours), colours),
    renderClocks(report, colours),
    renderWarnings(report, colours),
    report.viewerUrl ? `${colours.bold('Drawn at')} ${report.viewerUrl}` : '',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

const renderWay = (view: RunView, width: number, colours: Colours): string =>
  view.dropped?.spans
    ? colours.dim(`  no longer known: ${droppedText(view.dropped)}`)
    : renderWaterfall(view, width, colours);

const section = (title: string, body: string, colours: Colours): string => `${colours.bold(title)}\n${body}`;

function renderVerdict({ verdict, status }: RunReport, colours: Colours): string {
  const mark = status === 'failed' ? colours.red('✖') : layerPaint(colours, verdict.layer)('●');
  return [
    `${mark} ${colours.bold(plain(verdict.sentence))}`,
    `  ${plain(verdict.evidence)}`,
    `  ${colours.dim(`Next: ${plain(verdict.next)}`)}`,
  ].join('\n');
}

function renderSteps({ steps }: RunReport, colours: Colours): string {
  if (steps.length === 0) return colours.dim('  the journey has no steps');
  const nameWidth = Math.min(40, Math.max(...steps.map((step) => step.name.length)));
  return steps
    .map((step) => {
      const mark = step.status === 'ok' ? colours.green('✓') : colours.red('✖');
      return `  ${mark} ${toWidth(step.name, nameWidth)} ${formatDuration(step.wallNs).padStart(9)}`;
    })
    .join('\n');
}

function renderLedger({ ledger, wallNs }: RunReport, colours: Colours): string {
  const shown = ledger.filter((entry) => entry.ns >= wallNs * LEDGER_SHARE);
  const rest = ledger.slice(shown.length);
  const lines = shown.map((entry) => ledgerLine(entry, wallNs, colours));
  if (rest.length > 0) {
    const ns = rest.reduce((sum, entry) => sum + entry.ns, 0);
    lines.push(
      colours.dim(
        `${formatDuration(ns).padStart(10)}  ${percent(ns, wallNs)}  ${rest.length} smaller pieces`,
      ),
    );
  }
  lines.push(`${colours.bold(formatDuration(wallNs).padStart(10))}  ${percent(wallNs, wallNs)}  all of it`);
  return lines.join('\n');
}

/** Functions by their own time; in brackets, with all that they called. */
export function renderHot(hot: readonly HotPiece[], colours: Colours): string {
  return hot
    .map(({ layer, component, cause, thread, ns, sampledNs, functions }) => {
      const paint = layerPaint(colours, layer);
      const seen = colours.dim(
        ` ${plain(thread)} at work for ${formatDuration(sampledNs)} of ${formatDuration(ns)}`,
      );
      return [`  ${paint('●')} ${cause} in ${plain(component)}${seen}`, ...functions.map(hotLine)].join('\n');
    })
    .join('\n');
}

const hotLine = ({ name, url, line, selfNs, totalNs }: HotFunction): string =>
  `${formatDuration(selfNs).padStart(10)} (${formatDuration(totalNs)})  ${plain(name)}${url ? `  ${plain(url)}${line > 0 ? `:${line}` : ''}` : ''}`;

function ledgerLine(entry: LedgerEntry, wallNs: number, colours: Colours): string {
  const paint = layerPaint(colours, entry.layer);
  const bar = paint('█'.repeat(Math.max(1, Math.round((entry.ns / Math.max(1, wallNs)) * 24))));
  const known = entry.evidence === 'measured' ? '' : colours.dim(` (${entry.evidence})`);
  return `${formatDuration(entry.ns).padStart(10)}  ${percent(entry.ns, wallNs)}  ${paint(LAYER_NAME[entry.layer].padEnd(13))}  ${toWidth(entry.cause, 24)} ${plain(entry.component)}${known} ${bar}`;
}

const percent = (ns: number, wallNs: number): string =>
  `${((ns / Math.max(1, wallNs)) * 100).toFixed(1)} %`.padStart(7);

export function renderCoverage({ coverage }: RunReport, colours: Colours): string {
  return coverage
    .map(({ layer, sources, hint }) => {
      const seen = sources.length > 0;
      const mark = seen ? layerPaint(colours, layer)('●') : colours.dim('○');
      const from = seen ? sources.join(', ') : colours.dim('not seen');
      return `  ${mark} ${toWidth(LAYER_NAME[layer], 14)} ${from}${hint ? colours.dim(`\n    ${' '.repeat(14)} ${hint}`) : ''}`;
    })
    .join('\n');
}

/** Who reads another clock than the browser, and how well it is known; those that agree in one line. */
function renderClocks({ clocks }: RunReport, colours: Colours): string {
  const others = clocks.filter(
    ({ offsetNs, boundNs, driftPpm }) => offsetNs !== 0 || boundNs !== 0 || driftPpm,
  );
  if (others.length === 0) return '';
  const agreeing = others.filter(({ offsetNs, driftPpm }) => offsetNs === 0 && !driftPpm);
  const lines = others
    .filter((clock) => !agreeing.includes(clock))
    .map((clock) => `  ${plain(clock.clock)}: ${moveInWords(clock)}`);
  const named = agreeing.map(({ clock, boundNs }) => `${plain(clock)} ±${formatDuration(boundNs)}`);
  if (named.length > 0) lines.push(colours.dim(`  not moved: ${named.join(', ')}`));
  return section('Clocks, against the browser’s', lines.join('\n'), colours);
}

function moveInWords({ offsetNs, boundNs, driftPpm, driftBoundPpm = 0 }: ClockOffset): string {
  const moved = `moved by ${offsetNs > 0 ? '+' : '−'}${formatDuration(Math.abs(offsetNs))} ±${formatDuration(boundNs)}`;
  if (!driftPpm) return moved;
  return `${moved}, ${Math.abs(driftPpm).toFixed(1)} ppm ${driftPpm < 0 ? 'fast' : 'slow'} ±${driftBoundPpm.toFixed(1)}`;
}

function renderWarnings({ warnings }: RunReport, colours: Colours): string {
  if (warnings.length === 0) return '';
  const lines = warnings
    .slice(0, MAX_WARNINGS)
    .map((w) => `  ${colours.yellow('!')} ${plain(w.message)} ${colours.dim(w.code)}`);
  if (warnings.length > MAX_WARNINGS)
    lines.push(colours.dim(`  and ${warnings.length - MAX_WARNINGS} more (--json has them all)`));
  return section('Doubts', lines.join('\n'), colours);
}
