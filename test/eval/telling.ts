/** What the evaluation says while it runs: a line for each run, and under them, on a terminal, how far it is. */
import { coloursFor } from '../../src/cli/terminal/colour.ts';
import type { Judged } from './judge.ts';
import type { Result } from './results.ts';
import type { Criterion } from './summary.ts';

const colours = coloursFor(process.stderr);
const isTerminal = process.stderr.isTTY === true;
const write = (text: string): void => void process.stderr.write(text);
const ERASE_LINE = '\r\u001b[K';
const BAR_WIDTH = 24;

export const say = (text: string): void => write(`${isTerminal ? ERASE_LINE : ''}${text}\n`);

export interface Progress {
  /** Told each result when it is there. */
  step(result: Result): void;
  end(): void;
}

export function startProgress(total: number): Progress {
  const startMs = performance.now();
  let done = 0;
  draw();
  return {
    step(result) {
      done++;
      say(`${isTerminal ? '' : `${String(done).padStart(String(total).length)}/${total} `}${lineOf(result)}`);
      draw();
    },
    end: () => isTerminal && write(ERASE_LINE),
  };

  function draw(): void {
    if (!isTerminal) return;
    const filled = Math.round((done / Math.max(1, total)) * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    write(`${ERASE_LINE}${bar} ${done}/${total}${done > 0 ? `, ${left()} left` : ''}`);
  }

  function left(): string {
    const seconds = ((performance.now() - startMs) / 1e3 / done) * (total - done);
    return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
  }
}

/** `✓ dns-slow=150 seed 1 #1  150.3 ms → dns.slow_upstream of ns1.… 151.2 ms` */
export function lineOf({ key, judged, compared, broken }: Result): string {
  if (!judged) return `${colours.yellow('!')} ${key}  broken: ${broken?.split('\n', 1)[0]}`;
  const sign = isRight(judged) ? colours.green('✓') : colours.red('✗');
  return `${sign} ${key.padEnd(34)} ${injectedIn(judged)} → ${blamedIn(judged)}${remarksOn(judged)}${besides(compared)}`;
}

const isRight = ({ isLayerRight, isCauseRight, isComponentRight }: Judged): boolean =>
  isLayerRight && isCauseRight && isComponentRight !== false;

/** What it is beside earlier runs, where that is not the same. */
function besides(compared: Judged | undefined): string {
  if (!compared || (isRight(compared) && compared.falseCauses.length === 0)) return '';
  const told = `${blamedIn(compared)}${remarksOn(compared)}`;
  return ` · beside earlier runs ${isRight(compared) ? '' : colours.red('✗ ')}${told}`;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

const injectedIn = ({ faults }: Judged): string =>
  faults
    .map(
      ({ name, injectedMs, isNoted }) =>
        `${faults.length > 1 ? `${name} ` : ''}${isNoted ? '' : '~'}${ms(injectedMs)}`,
    )
    .join(' + ') || 'nothing';

function blamedIn({ faults, verdict, falseCauses, status, isCauseRight }: Judged): string {
  const [fault] = faults;
  if (!fault && falseCauses.length === 0) return 'nothing';
  const time = status === 'failed' ? 'failed' : ms(fault && isCauseRight ? fault.blamedMs : verdict.ms);
  return `${verdict.cause} of ${verdict.component} ${time}`;
}

/** More than this is worth a second look while the evaluation runs. */
const MUCH_UNKNOWN = 0.01;

function remarksOn({ falseCauses, isComponentRight, unknownShare, isSecondNamed }: Judged): string {
  const remarks = [
    ...(isComponentRight === false ? ['another component than expected'] : []),
    ...falseCauses.map(({ cause, ms: falseMs }) => `also ${cause} ${ms(falseMs)}`),
    ...(unknownShare > MUCH_UNKNOWN ? [`unknown ${(unknownShare * 100).toFixed(1)} %`] : []),
    ...(isSecondNamed === false ? ['the second is not named'] : []),
  ];
  return remarks.length > 0 ? colours.dim(` (${remarks.join(', ')})`) : '';
}

/** By itself, and beside earlier runs. */
export function tellCriteria(criteria: readonly Criterion[], compared: readonly Criterion[]): void {
  criteria.forEach(({ name, promise, ...alone }, i) => {
    const beside = compared[i];
    const also =
      beside && beside.reached !== 'not run' && beside.reached !== alone.reached
        ? ` · beside earlier runs ${reachedIn(beside)}`
        : '';
    say(criterionLine({ name, promise, ...alone }, also));
  });
}

export const criterionLine = ({ name, promise, ...alone }: Criterion, also = ''): string =>
  `${reachedIn(alone, name.padEnd(46))}${also} ${colours.dim(`(promised: ${promise})`)}`;

function reachedIn({ reached, isKept }: Pick<Criterion, 'reached' | 'isKept'>, name = ''): string {
  const sign = isKept === undefined ? colours.dim('·') : isKept ? colours.green('✓') : colours.red('✗');
  return [sign, name, reached].filter(Boolean).join(' ');
}
