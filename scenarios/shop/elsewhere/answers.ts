/** What the hosts of others answer, as faults tell it. What visitors waited for it, the page times and notes. */
export interface ElsewhereAnswer {
  readonly host: string;
  /** `GET /widget.js`; a path that ends in `*` stands for all that begin like it. */
  readonly route: string;
  readonly delayMs: number;
  readonly status?: number;
  /** In a redirect: `{here}` is the origin that was asked, `{to}` where the first link wanted to, `{query}` keeps that. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
