/** What is to be walked, where, under which conditions: everything that is settled before a browser starts. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineJourney, type Journey } from '../../../probe/journey.ts';
import type { RunView } from '../../model/report.ts';
import { loadJourney } from '../../run/load-journey.ts';
import type { Store } from '../../store/store.ts';
import type { Conditions } from '../conditions.ts';
import { journeySource } from '../journey-source.ts';
import { variableOf } from '../named-values.ts';
import { type LeftOut, RecordingError } from '../recording.ts';
import { walkable } from '../walkable.ts';
import type { Asked, AskedRecording } from './asked.ts';
import { firstReplay } from './earlier-replay.ts';
import { digestOf, recordingDigest, saveJourney } from './saved-journey.ts';
import { isSpec, loadSpec } from './spec-script.ts';

export type LoadModule = (url: string) => Promise<Record<string, unknown>>;

export interface ReplayPlan {
  readonly journey: Journey;
  readonly baseUrl: string;
  readonly from: string;
  /** Which recording it is, for later replays. */
  readonly digest: string;
  readonly conditions: Conditions;
  readonly leftOut: readonly LeftOut[];
  /** Names of the steps that are not walked. */
  readonly cut: readonly string[];
  /** What it is held against; a script's own first run when there is none yet. */
  readonly original?: RunView;
  /** Where the journey stands, and what is written there. */
  readonly file: string;
  readonly source: string;
  readonly notes: readonly string[];
}

export interface PlanOptions {
  readonly url?: string;
  readonly save?: string;
  readonly unsafe?: boolean;
  readonly dryRun?: boolean;
  readonly store: Store;
  readonly scenariosDir: string;
  readonly load: LoadModule;
}

/** @throws RecordingError with a sentence */
export async function planReplay(asked: Asked, options: PlanOptions): Promise<ReplayPlan> {
  const plan =
    asked.kind === 'script' ? await planScript(asked.file, options) : await planRecording(asked, options);
  const original = plan.original ?? firstReplay(plan.journey.name, plan.digest, options.store);
  return { ...plan, ...(original ? { original } : {}) };
}

async function planRecording(asked: AskedRecording, options: PlanOptions): Promise<ReplayPlan> {
  const { recording, original, notes } = asked;
  const baseUrl = options.url ?? recording.baseUrl;
  if (!baseUrl)
    throw new RecordingError(
      'The recording does not say where it begins: --url https://your.site gives the address.',
    );
  const has = (value: string) => recording.secrets.has(value) || process.env[variableOf(value)] !== undefined;
  const walked = walkable(recording, { unsafe: options.unsafe ?? false, has });
  if (walked.steps.length === 0) throw new RecordingError(whyNothing(walked.leftOut));
  const source = journeySource(walked);
  for (const [name, secret] of recording.secrets) process.env[variableOf(name)] ??= secret;
  const isKept = !options.dryRun || options.save !== undefined;
  const file = isKept ? saveJourney(source, walked, options.save) : '';
  // `--dry-run` shows the journey, it does not load it.
  const loaded = isKept ? (await loadJourney(file, options.scenariosDir, options.load)).journey : undefined;
  const name = walked.cut.length > 0 && original ? `${recording.name}, the first steps` : recording.name;
  return {
    journey: defineJourney({ name }, loaded?.body ?? (async () => undefined)),
    baseUrl,
    from: recording.from,
    digest: recordingDigest(walked),
    conditions: recording.conditions,
    leftOut: walked.leftOut,
    cut: walked.cut,
    ...(original ? { original } : {}),
    file,
    source,
    notes,
  };
}

function whyNothing(leftOut: readonly LeftOut[]): string {
  // Steps that are left out come last, and say what would bring them back.
  const first = leftOut.findLast(({ supply }) => supply !== undefined) ?? leftOut[0];
  if (!first) return 'There is nothing in it that could be replayed.';
  return `Nothing of it can be replayed: ${first.what}: ${first.why}${first.supply ? `; ${first.supply}` : ''}.`;
}

/** A journey or a spec is walked as it is; what it sends, only its run shows. */
async function planScript(file: string, options: PlanOptions): Promise<ReplayPlan> {
  const source = readFileSync(file, 'utf8');
  const loaded = isSpec(source)
    ? await loadSpec(file, options.url, options.load)
    : await loadPlain(file, options);
  const baseUrl = options.url ?? loaded.baseUrl;
  if (!baseUrl)
    throw new RecordingError(`The journey ${file} needs an address to start at: --url https://your.site`);
  return {
    journey: loaded.journey,
    baseUrl,
    from: `the script ${basename(file)}`,
    digest: digestOf(source),
    conditions: loaded.conditions,
    leftOut: [],
    cut: [],
    file,
    source,
    notes: [],
  };
}

async function loadPlain(
  file: string,
  { scenariosDir, load }: PlanOptions,
): Promise<{ journey: Journey; baseUrl?: string; conditions: Conditions }> {
  try {
    return { ...(await loadJourney(file, scenariosDir, load)), conditions: {} };
  } catch (error) {
    throw new RecordingError((error as Error).message);
  }
}
