/** A replay told in a terminal: the outcome, original and replays layer by layer, the middle one compared. Returns text. */
import type { Outcome } from '../../analyse/compare/reproduced.ts';
import { LAYER_NAME, LAYERS } from '../../model/layer.ts';
import type { RunReport, RunView } from '../../model/report.ts';
import { formatDuration } from '../../model/time.ts';
import type { LeftOut } from '../../replay/recording.ts';
import type { ReplayAnswer } from '../../replay/run/walk-all.ts';
import { type Colours, layerPaint, plain } from './colour.ts';
import { renderComparison } from './comparison.ts';
import { renderHot } from './report.ts';

export interface ToldReplay
  extends Pick<ReplayAnswer, 'isFirstReplay' | 'outcome' | 'comparison' | 'narrowed' | 'leftOut'> {
  readonly original: Pick<RunView, 'report'>;
  readonly replays: readonly Pick<RunView, 'report' | 'hot'>[];
}

const NAME_WIDTH = 15;
const FIGURE_WIDTH = 11;

export function renderReplay(told: ToldReplay, width: number, colours: Colours): string {
  const { outcome, narrowed, leftOut } = told;
  const sections = [
    colours.bold(plain(outcome.sentence)),
    told.isFirstReplay ? colours.dim('The recording holds no times: the first replay is the original.') : '',
    table(told, width, colours),
    narrowed.length > 0
      ? `${colours.bold('What it needs')}\n${narrowed.map(({ sentence }) => `  ${plain(sentence)}`).join('\n')}`
      : '',
    `${colours.bold('The middle replay beside the original')}\n${renderComparison(told.comparison, width, colours).trimEnd()}`,
    hotOf(told, colours),
    leftOut.length > 0
      ? `${colours.bold('Not replayed')}\n${leftOut.map((each) => `  ${plain(leftOutLine(each))}`).join('\n')}`
      : '',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

/** Of the replay that is shown. */
function hotOf({ comparison, replays }: ToldReplay, colours: Colours): string {
  const shown = replays.find(({ report }) => report.traceId === comparison.a.traceId) ?? replays[0];
  return shown?.hot?.length
    ? `${colours.bold('Hot functions, of the middle replay')}\n${renderHot(shown.hot, colours)}`
    : '';
}

const leftOutLine = ({ what, why, supply }: LeftOut): string =>
  `${what}: ${why}${supply ? ` (${supply})` : ''}`;

/** As many replays as fit beside the original. */
function table({ original, replays, outcome }: ToldReplay, width: number, colours: Colours): string {
  const most = Math.max(1, Math.floor((width - NAME_WIDTH - 2) / FIGURE_WIDTH) - 1);
  const reports = [original, ...replays.slice(0, most)].map(({ report }) => report);
  const heads = ['original', ...replays.slice(0, most).map((_, i) => `replay ${i + 1}`)];
  const row = (name: string, figures: readonly string[]): string =>
    `  ${name.padEnd(NAME_WIDTH)}${figures.map((figure) => figure.padStart(FIGURE_WIDTH)).join('')}`;
  const layers = LAYERS.filter((layer) => reports.some((report) => layerNs(report, layer) > 0));
  return [
    colours.dim(row('', heads)),
    colours.dim(
      row(
        '',
        reports.map(({ traceId }) => traceId.slice(0, 8)),
      ),
    ),
    ...layers.map((layer) =>
      layerPaint(
        colours,
        layer,
      )(
        row(
          LAYER_NAME[layer],
          reports.map((report) => formatDuration(layerNs(report, layer))),
        ),
      ),
    ),
    colours.bold(
      row(
        'in all',
        reports.map(({ wallNs }) => formatDuration(wallNs)),
      ),
    ),
    ...guiltyRow(outcome, reports, row),
  ].join('\n');
}

function guiltyRow(
  { guilty, replays }: Outcome,
  reports: readonly RunReport[],
  row: (name: string, figures: readonly string[]) => string,
): string[] {
  if (!guilty) return [];
  const ofReplay = (traceId: string): string => {
    const size = replays.find((each) => each.traceId === traceId);
    return size ? `${formatDuration(size.ns)}${size.isComparable ? '' : ' ·'}` : 'failed';
  };
  const figures = [formatDuration(guilty.ns), ...reports.slice(1).map(({ traceId }) => ofReplay(traceId))];
  return [row('what was slow', figures)];
}

const layerNs = ({ ledger }: RunReport, layer: string): number =>
  ledger.filter((entry) => entry.layer === layer).reduce((sum, { ns }) => sum + ns, 0);
