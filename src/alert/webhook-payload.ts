/** The message as a webhook's body: what the other forms say, by name, and the picture itself where there is one. */
import type { AlertMessage } from './message.ts';
import { messageText } from './message-text.ts';

/** A picture of the page, for those who cannot reach the viewer. */
export interface Picture {
  readonly mediaType: string;
  readonly base64: string;
}

export function webhookPayload(message: AlertMessage, picture?: Picture, timeZone?: string): object {
  const { id, event, toldUnixMs, sinceUnixMs, resolvedUnixMs, picture: _file, alertId, ...data } = message;
  return {
    type: `alert.${event}`,
    timestamp: iso(toldUnixMs),
    data: {
      id: alertId,
      ...data,
      since: iso(sinceUnixMs),
      ...(resolvedUnixMs !== undefined && { resolvedAt: iso(resolvedUnixMs) }),
      text: messageText(message, timeZone),
      ...(picture && { picture }),
    },
  };
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();
