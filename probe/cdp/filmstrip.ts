/**
 * Small pictures of the page while it changes (`Page.startScreencast`): JPEG, a quarter of the page's width.
 * Which of them may be kept: ../spans/shown-pictures.ts. Times are the browser's own: when the picture was on the screen.
 *
 * ```
 * // page       |-#-##-###--#----------#-----|     # something was drawn
 * // screencast |on|....|on|....|on|....|on|       on until one picture came, then off for the gap
 * ```
 * While a screencast is on, the browser copies every frame that it draws, wanted or not: so it is off most of the time.
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import { type UnixNano, unixNanoFromMs } from '../../src/model/time.ts';
import type { CdpSession } from './cdp-session.ts';

export interface Picture {
  readonly timeUnixNano: UnixNano;
  readonly jpeg: Buffer;
}

/** A person recognises a page at a quarter of its size; a smaller picture costs less. */
const SHRINK = 4;
/** 0–100: at this one, an edge is still an edge. */
const JPEG_QUALITY = 40;
/** A picture takes the processor that the page needs; four a second show what a person saw. */
const GAP_MS = 250;
/** A screencast shows the page at once, changed or not (tried: within 50 ms). One that did not is stuck: begun anew. */
const STUCK_MS = 750;
const MAX_PICTURES = 120;
const MAX_BYTES = 2_000_000;

export class Filmstrip {
  readonly pictures: Picture[] = [];
  private bytes = 0;
  private readonly session: CdpSession;
  private size = {};
  private timer: NodeJS.Timeout | undefined;
  private isWanted = false;
  private isOver = false;

  constructor(session: CdpSession) {
    this.session = session;
  }

  async start(viewport: { width: number; height: number }): Promise<void> {
    this.session.on('Page.screencastFrame', (event) => this.taken(event));
    this.size = {
      maxWidth: Math.round(viewport.width / SHRINK),
      maxHeight: Math.round(viewport.height / SHRINK),
    };
    await this.next();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.isOver = true;
    await this.session.send('Page.stopScreencast');
  }

  private async next(): Promise<void> {
    if (this.isOver) return;
    this.isWanted = true;
    this.in(STUCK_MS, async () => {
      await this.session.send('Page.stopScreencast');
      await this.next();
    });
    await this.session.send('Page.startScreencast', { format: 'jpeg', quality: JPEG_QUALITY, ...this.size });
  }

  /** At most one thing is to come: the next picture, or a new start. */
  private in(delayMs: number, go: () => Promise<void>): void {
    clearTimeout(this.timer);
    if (this.isOver) return;
    this.timer = setTimeout(() => go().catch(() => undefined), delayMs);
    this.timer.unref();
  }

  private taken({ data, metadata }: Fields): void {
    if (!this.isWanted || this.isOver) return;
    this.isWanted = false;
    this.session.send('Page.stopScreencast').catch(() => undefined);
    const unixS = isFields(metadata) ? numberOf(metadata.timestamp) : undefined;
    const jpeg = Buffer.from(textOf(data) ?? '', 'base64');
    const looksNew = !this.pictures.at(-1)?.jpeg.equals(jpeg);
    if (unixS !== undefined && jpeg.length > 0 && looksNew) {
      this.bytes += jpeg.length;
      this.pictures.push({ timeUnixNano: unixNanoFromMs(unixS * 1_000), jpeg });
    }
    if (this.pictures.length >= MAX_PICTURES || this.bytes >= MAX_BYTES) clearTimeout(this.timer);
    else this.in(GAP_MS, () => this.next());
  }
}
