/** Instants and lengths of time as a tired person takes them in. */

/** `under a minute`, `18 minutes`, `2 hours 5 minutes`, `3 days 4 hours` */
export function lastedInWords(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return 'under a minute';
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  const parts = [counted(days, 'day'), counted(hours, 'hour'), counted(minutes % 60, 'minute')];
  return parts.filter(Boolean).slice(0, 2).join(' ');
}

const counted = (count: number, name: string): string =>
  count === 0 ? '' : `${count} ${name}${count === 1 ? '' : 's'}`;

/** `01:42 UTC`; with its day where that is another one than now. */
export function instantInWords(unixMs: number, nowUnixMs: number, timeZone = 'UTC'): string {
  const dayOf = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(ms);
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(unixMs);
  return dayOf(unixMs) === dayOf(nowUnixMs) ? time : `${dayOf(unixMs)} ${time}`;
}
