/** What is watched of each target of a browser (page, frame, worker): its requests, the header on the wire, its news. */
import { isFields, textOf } from '../src/import/netlog/events.ts';
import type { CdpSession, Target } from './cdp/cdp-session.ts';
import { NetworkRecorder } from './cdp/network-recorder.ts';
import { PageRecorder } from './cdp/page-recorder.ts';
import type { RequestRules } from './cdp/request-rules.ts';
import { TraceHeaders } from './cdp/trace-header.ts';
import type { UnixClock } from './unix-clock.ts';

/** The requests that a server does work for; images, scripts and styles are cheaper without a pause. */
export const INJECTED_TYPES = ['Document', 'XHR', 'Fetch'];

export interface TargetWatchOptions {
  readonly traceId: string;
  readonly allowOrigins: ReadonlySet<string>;
  /** Nobody named a site: the first document that is opened names it. */
  readonly firstDocumentNamesSite?: boolean;
  readonly clock: UnixClock;
  /** Changes requests on their way out, besides. */
  readonly rules?: RequestRules;
}

export class TargetWatch {
  readonly network = new NetworkRecorder();
  readonly headers: TraceHeaders;
  readonly page: PageRecorder;
  /** The main frame of each page. */
  readonly pageFrameIds = new Set<string>();
  private readonly watched = new Set<string>();

  constructor(options: TargetWatchOptions) {
    this.headers = new TraceHeaders({ ...options, resourceTypes: INJECTED_TYPES });
    this.page = new PageRecorder(options.clock);
  }

  /** A target's id may be left out where it is watched once only. */
  readonly watch = async (session: CdpSession, { type, id }: Target): Promise<void> => {
    // A service worker is a child of each of its pages.
    if (id !== '' && this.watched.has(id)) return;
    this.watched.add(id);
    const [frameId] = await Promise.all([
      type === 'page' ? mainFrameOf(session) : undefined,
      this.network.enable(session),
      // Workers have no Fetch domain: their requests pause at the page's.
      this.headers.enable(session).catch(() => undefined),
      this.page.enable(session),
    ]);
    if (frameId) this.pageFrameIds.add(frameId);
  };
}

async function mainFrameOf(session: CdpSession): Promise<string | undefined> {
  const { frameTree } = await session.send('Page.getFrameTree');
  return isFields(frameTree) && isFields(frameTree.frame) ? textOf(frameTree.frame.id) : undefined;
}
