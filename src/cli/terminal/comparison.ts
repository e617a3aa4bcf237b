/** A comparison told in a terminal: the sentence, layers, parts, steps, connections, spans. Returns text. */
import { partInWords, signedDuration } from '../../analyse/compare/sentence.ts';
import type {
  Change,
  Comparison,
  ConnectionChange,
  PartChange,
  SetupPaid,
  SpanChange,
  StepChange,
} from '../../model/comparison.ts';
import { LAYER_NAME } from '../../model/layer.ts';
import { formatDuration, unixMsFromNano } from '../../model/time.ts';
import { type Colours, layerPaint, type Paint, plain, toWidth } from './colour.ts';

const MOST_PARTS = 8;
const MOST_SPANS = 12;
/** Columns of a bar on either side of zero. */
const HALF_BAR = 12;
const NAME_WIDTH = 44;
/** What moved less is left to --json and the viewer. */
const WORTH_A_LINE_NS = 1e6;

export function renderComparison(comparison: Comparison, width: number, colours: Colours): string {
  const { parts, connections, spans, restNs } = comparison;
  const [layers, steps] = [comparison.layers.filter(hasMoved), comparison.steps.filter(hasMoved)];
  const most = Math.max(1, ...layers.map(({ deltaNs }) => Math.abs(deltaNs)));
  const line = (change: Change, name: string, paint: Paint): string =>
    changeLine(change, name, paint, most, width);
  const byLayer = layers.map((each) => line(each, LAYER_NAME[each.layer], layerPaint(colours, each.layer)));
  const moved = parts.filter(({ deltaNs }) => Math.abs(deltaNs) >= WORTH_A_LINE_NS).slice(0, MOST_PARTS);
  const byPart = moved.map((part) => line(part, partName(part), layerPaint(colours, part.layer)));
  if (restNs !== 0) byPart.push(colours.dim(`  ${signedDuration(restNs)} left over: ${REST}`));
  const byStep = steps.map((step) => line(step, stepName(step), (text) => text));
  const heads = colours.dim(headings(width));
  const sections = [
    renderHead(comparison, colours),
    section('By layer', byLayer.length > 0 ? [heads, ...byLayer] : [], colours),
    section('What changed', byPart, colours),
    section('Step by step', byStep, colours),
    section('Connections', connections.map(connectionLine), colours),
    section('Spans that changed most', spans ? spanLines(spans, colours, width) : [], colours),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

const REST = 'medians of parts do not add up to the median of the whole';
const hasMoved = ({ deltaNs, kind = 'both' }: Change & { readonly kind?: string }): boolean =>
  deltaNs !== 0 || kind !== 'both';

const section = (title: string, lines: readonly string[], colours: Colours): string =>
  lines.length === 0 ? '' : `${colours.bold(title)}\n${lines.join('\n')}`;

function renderHead({ a, b, sentence, notes }: Comparison, colours: Colours): string {
  const who = ({ traceId, startUnixNano, journey, wallNs, runs }: Comparison['a']): string =>
    traceId === null || startUnixNano === null
      ? `what is usual: medians of ${runs} runs, ${formatDuration(wallNs)}`
      : `${traceId.slice(0, 8)}  ${plain(journey)}  ${timeOf(startUnixNano)}  ${formatDuration(wallNs)}`;
  return [
    `${colours.bold(plain(sentence))}`,
    colours.dim(`  this run       ${who(a)}`),
    colours.dim(`  compared with  ${who(b)}`),
    ...notes.map((note) => `  ${colours.yellow('!')} ${plain(note)}`),
  ].join('\n');
}

const timeOf = (startUnixNano: string): string =>
  new Date(unixMsFromNano(BigInt(startUnixNano))).toISOString().replace('T', ' ').slice(0, 19);

const nameWidth = (width: number): number => Math.min(NAME_WIDTH, Math.max(16, width - 60));

const headings = (width: number): string =>
  `  ${' '.repeat(nameWidth(width))} ${'this run'.padStart(9)} ${'the other'.padStart(9)} ${'change'.padStart(10)}`;

function changeLine(change: Change, name: string, paint: Paint, most: number, width: number): string {
  const figures = `${formatDuration(change.aNs).padStart(9)} ${formatDuration(change.bNs).padStart(9)} ${signedDuration(change.deltaNs).padStart(10)}`;
  return `  ${toWidth(name, nameWidth(width))} ${figures} ${bar(change.deltaNs, most, paint)}`.trimEnd();
}

/** `      ████│` shorter than the other, `          │████` longer. */
function bar(deltaNs: number, most: number, paint: Paint): string {
  const length = Math.min(HALF_BAR, Math.round((Math.abs(deltaNs) / most) * HALF_BAR));
  const blocks = paint('█'.repeat(length));
  return deltaNs < 0 ? `${' '.repeat(HALF_BAR - length)}${blocks}│` : `${' '.repeat(HALF_BAR)}│${blocks}`;
}

/** The layer in front, unless the words have it. */
function partName(part: PartChange): string {
  const words = partInWords(part);
  const layer = LAYER_NAME[part.layer];
  const inferred = part.aInferred || part.bInferred ? ' (inferred)' : '';
  return `${words.includes(layer) ? words : `${layer}: ${words}`}${inferred}`;
}

const PRESENCE = { both: '', added: ' (only in this run)', removed: ' (only in the other)' } as const;

const stepName = ({ name, kind }: StepChange): string => `${name ?? 'outside of steps'}${PRESENCE[kind]}`;

const SETUP = {
  dns: 'DNS look-ups',
  tcp: 'connects',
  tls: 'TLS handshakes',
  socket: 'connections',
  cache: 'answers from a cache',
} as const;

const connectionLine = ({ host, phase, a, b }: ConnectionChange): string =>
  `  ${plain(host)}: ${a.times} ${SETUP[phase]}${long(a)}, the other ${b.times}${long(b)}`;

const long = ({ ns }: SetupPaid): string => (ns === 0 ? '' : ` (${formatDuration(ns)})`);

/** By what was waited for; what is inside of another changed span is told by both. */
function spanLines(spans: readonly SpanChange[], colours: Colours, width: number): string[] {
  const size = ({ deltaNs, ownDeltaNs }: SpanChange): number =>
    Math.max(Math.abs(ownDeltaNs), Math.abs(deltaNs) / 4);
  return spans
    .map((span, place) => ({ span, place }))
    .filter(({ span, place }) => place > 0 && size(span) >= WORTH_A_LINE_NS)
    .sort((x, y) => size(y.span) - size(x.span))
    .slice(0, MOST_SPANS)
    .map(({ span }) => spanLine(span, colours, width));
}

const SIGN = { both: ' ', added: '+', removed: '−' } as const;

function spanLine(
  { kind, name, component, a, b, deltaNs, ownDeltaNs, layer }: SpanChange,
  colours: Colours,
  width: number,
): string {
  const paint = layerPaint(colours, layer);
  const sides = `${(a ? formatDuration(a.ns) : '—').padStart(9)} ${(b ? formatDuration(b.ns) : '—').padStart(9)}`;
  const own =
    ownDeltaNs === 0 ? '' : colours.dim(`  of it on the critical path ${signedDuration(ownDeltaNs)}`);
  return `${paint(SIGN[kind])} ${paint('●')}${toWidth(`${name}  ${component}`, nameWidth(width))} ${sides} ${signedDuration(deltaNs).padStart(10)}${own}`;
}
