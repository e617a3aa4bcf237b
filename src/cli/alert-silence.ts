/** `headwater alert silence` and `unsilence`: what nobody wants to hear of for a while. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { dropSilence, keepSilence, keptAlerts, silences } from '../alert/send/kept.ts';
import { fits, isActive, MATCHER_KEYS, matcherInWords } from '../alert/silence.ts';
import type { Silence, SilenceMatcher } from '../model/alert.ts';
import { durationNs } from '../model/duration-text.ts';
import { isLayer, LAYERS } from '../model/layer.ts';
import { msFromNanos } from '../model/time.ts';
import { openStore } from '../store/sqlite.ts';
import { sayDone } from './console.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

interface SilenceOptions extends SilenceMatcher {
  readonly for: string;
  readonly by?: string;
  readonly reason?: string;
}

const ID_BYTES = 4;

export function addSilenceCommands(alert: Command): void {
  alert
    .command('silence')
    .description('hear nothing of what fits all of these, for a while')
    .option('--journey <name>', 'of this journey')
    .option('--site <host>', 'at this site')
    .option('--kind <kind>', 'failing, slower, budget or burn_rate')
    .option('--severity <severity>', 'page or ticket')
    .option('--layer <layer>', 'where this layer is guilty')
    .option('--component <name>', 'where this component is guilty')
    .option('--cause <cause>', 'where this is the cause: db.lock_wait')
    .requiredOption('--for <duration>', 'how long: 30m, 2h, 1d')
    .option('--by <name>', 'who asks for it')
    .option('--reason <text>', 'why')
    .action(silence);
  alert
    .command('unsilence')
    .argument('[silence]', 'its ID, or a unique beginning of it; not needed where there is only one')
    .description('hear of it again')
    .action(unsilence);
}

async function silence({ for: length, by, reason, ...asked }: SilenceOptions): Promise<void> {
  const matcher = matcherOf(asked);
  const atUnixMs = Date.now();
  const ns = durationNs(length);
  if (!ns) throw new UserError(`--for ${length} is no duration: give 30m, 2h or 1d.`);
  const kept: Silence = {
    id: randomBytes(ID_BYTES).toString('hex'),
    matcher,
    atUnixMs,
    untilUnixMs: atUnixMs + msFromNanos(ns),
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
  };
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    keepSilence(store, kept);
    const concerned = keptAlerts(store).filter(
      ({ alert }) =>
        alert.resolvedUnixMs === null && alert.members.some(({ signal }) => fits(matcher, signal)),
    ).length;
    const now = `${concerned} of the alerts that fire ${concerned === 1 ? 'is' : 'are'} concerned`;
    sayDone(
      'silenced',
      `${matcherInWords(matcher)} for ${length}; ${now}. headwater alert unsilence ${kept.id} ends it`,
    );
  } finally {
    store.close();
  }
}

const ALLOWED: Partial<Record<string, readonly string[]>> = {
  layer: LAYERS.filter(isLayer),
  severity: ['page', 'ticket'],
  kind: ['failing', 'slower', 'budget', 'burn_rate'],
};

function matcherOf(asked: SilenceMatcher): SilenceMatcher {
  const given = MATCHER_KEYS.filter((key) => asked[key] !== undefined);
  if (given.length === 0)
    throw new UserError(
      `Silence what? Give at least one of ${MATCHER_KEYS.map((key) => `--${key}`).join(', ')}.`,
    );
  for (const key of given) {
    const allowed = ALLOWED[key];
    if (allowed && !allowed.includes(asked[key]!))
      throw new UserError(`--${key} ${asked[key]} is none of ${allowed.join(', ')}.`);
  }
  return Object.fromEntries(given.map((key) => [key, asked[key]]));
}

async function unsilence(asked: string | undefined): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const active = silences(store).filter((one) => isActive(one, Date.now()));
    const found = active.filter(({ id }) => asked === undefined || id.startsWith(asked.toLowerCase()));
    if (found.length > 1)
      throw new UserError(`Which of ${found.map(({ id }) => id).join(', ')}? headwater alert shows them.`);
    const [one] = found;
    if (!one)
      throw new UserError(asked === undefined ? 'Nothing is silenced.' : `No silence begins with ${asked}.`);
    dropSilence(store, one.id);
    sayDone('heard again', matcherInWords(one.matcher));
  } finally {
    store.close();
  }
}
