/** Silences: which signals nobody wants to hear of, and until when. */
import type { AlertMember, Silence, SilenceMatcher } from '../model/alert.ts';
import type { Signal } from '../model/signal.ts';

export const MATCHER_KEYS = ['journey', 'site', 'kind', 'severity', 'layer', 'component', 'cause'] as const;

/** One without any condition fits nothing: silencing everything must not happen by leaving something out. */
export function fits(matcher: SilenceMatcher, signal: Signal): boolean {
  const given = MATCHER_KEYS.filter((key) => matcher[key] !== undefined);
  return given.length > 0 && given.every((key) => valueAt(signal, key) === matcher[key]);
}

function valueAt(signal: Signal, key: (typeof MATCHER_KEYS)[number]): string | undefined {
  return key === 'layer' || key === 'component' || key === 'cause' ? signal.guilty?.[key] : signal[key];
}

export const isActive = ({ atUnixMs, untilUnixMs }: Silence, nowUnixMs: number): boolean =>
  atUnixMs <= nowUnixMs && nowUnixMs < untilUnixMs;

/** Those that no silence keeps quiet now. */
export function audible(
  members: readonly AlertMember[],
  silences: readonly Silence[],
  nowUnixMs: number,
): AlertMember[] {
  const active = silences.filter((silence) => isActive(silence, nowUnixMs));
  return members.filter(({ signal }) => !active.some(({ matcher }) => fits(matcher, signal)));
}

/** `journey checkout, layer db` */
export const matcherInWords = (matcher: SilenceMatcher): string =>
  MATCHER_KEYS.flatMap((key) => (matcher[key] === undefined ? [] : [`${key} ${matcher[key]}`])).join(', ');
