/**
 * Small pictures of the page whenever it looks different (`Page.startScreencast`): JPEG, a quarter of the page's width.
 * At that size a line of text is four pixels high. The browser sends the next one only when the last was acknowledged,
 * so the acknowledgement is what keeps them rare. Times are the browser's own: when the picture was on the screen.
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import { type UnixNano, unixNanoFromMs } from '../../src/model/time.ts';
import type { CdpSession } from './cdp-session.ts';

export interface Picture {
  readonly timeUnixNano: UnixNano;
  readonly jpeg: Buffer;
}

/** Text of 16 pixels is 4 high at a quarter: too small to read. */
const SHRINK = 4;
/** 0–100: at this one, an edge is still an edge. */
const JPEG_QUALITY = 40;
/** A picture takes the processor that the page needs, and a person sees no difference above ten a second. */
const MIN_GAP_MS = 100;
const MAX_PICTURES = 120;
const MAX_BYTES = 2_000_000;

export class Filmstrip {
  readonly pictures: Picture[] = [];
  private bytes = 0;
  private readonly session: CdpSession;
  private isOn = false;

  constructor(session: CdpSession) {
    this.session = session;
  }

  async start(viewport: { width: number; height: number }): Promise<void> {
    this.isOn = true;
    this.session.on('Page.screencastFrame', (event) => this.taken(event));
    await this.session.send('Page.startScreencast', {
      format: 'jpeg',
      quality: JPEG_QUALITY,
      maxWidth: Math.round(viewport.width / SHRINK),
      maxHeight: Math.round(viewport.height / SHRINK),
    });
  }

  async stop(): Promise<void> {
    this.isOn = false;
    await this.session.send('Page.stopScreencast');
  }

  private taken({ sessionId, data, metadata }: Fields): void {
    const unixS = isFields(metadata) ? numberOf(metadata.timestamp) : undefined;
    const jpeg = Buffer.from(textOf(data) ?? '', 'base64');
    const looksNew = !this.pictures.at(-1)?.jpeg.equals(jpeg);
    const fits = this.pictures.length < MAX_PICTURES && this.bytes + jpeg.length <= MAX_BYTES;
    if (this.isOn && unixS !== undefined && jpeg.length > 0 && looksNew && fits) {
      this.bytes += jpeg.length;
      this.pictures.push({ timeUnixNano: unixNanoFromMs(unixS * 1_000), jpeg });
    }
    if (!fits) return;
    setTimeout(() => {
      if (this.isOn) this.session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
    }, MIN_GAP_MS).unref();
  }
}
