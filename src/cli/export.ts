/** `headwater export TRACE`: one stored run as a file: for somebody who has no Headwater, or for another tool. */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import picocolors from 'picocolors';
import { harOf } from '../export/har.ts';
import { htmlFile } from '../export/html.ts';
import { markdownOf } from '../export/markdown.ts';
import { otlpJson } from '../export/otlp-json.ts';
import { perfettoOf } from '../export/perfetto.ts';
import type { RunView } from '../model/report.ts';
import { extrasOf } from '../run/keep-imported.ts';
import { reopened } from '../run/reopen.ts';
import { restitch } from '../run/restitch.ts';
import { usualFrom } from '../run/usual.ts';
import { answersAbout, picturesOf } from '../serve/packed-answers.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { print, say, sayDone } from './console.ts';
import { noSpans } from './left-over.ts';
import { namedTrace } from './named-trace.ts';
import { VERSION, VIEWER_DIR } from './package-root.ts';
import { renderWaterfall } from './terminal/waterfall.ts';
import { EXIT, messageOf, UserError, withExitCode } from './user-error.ts';

const EXAMPLES = `
html      one file with the viewer and everything about the run in it: opens with a double click, needs no network.
          Comparing, and the journey's other runs, are not in it.
otlp      OTLP/JSON without loss: headwater import makes the same run of it; to other readers of OTLP it is plain spans
har       HTTP Archive 1.2: for the network panel of developer tools (drop the file on it) and for HAR viewers
perfetto  Chrome's trace JSON, for ui.perfetto.dev and chrome://tracing
markdown  verdict, ledger, steps and a waterfall as text, for an incident document

A file holds what the run holds, addresses and statements too: send it to whom you would show them. What was secret
(cookies, tokens, typed text) is not in the store. A file that is there is replaced.

Examples:
  headwater export 4bf92f35                       headwater-4bf92f35.html in this folder
  headwater export 4bf92f35 --format har -o slow-checkout.har
  headwater export 4bf92f35 --format markdown -o - | pbcopy
  headwater export 4bf92f35 --format otlp -o - | gzip > slow-checkout.json.gz

Exit codes: 0 written, 2 no such trace, or it cannot be written there, 3 the store or the viewer is missing.`;

interface Exporting {
  readonly view: RunView;
  readonly store: Store;
}

interface ExportFormat {
  /** What a file of it is called after the trace. */
  readonly ending: string;
  make(exporting: Exporting): string | Promise<string>;
}

const FORMATS = {
  html: {
    ending: 'html',
    make: ({ view, store }) => withExitCode(EXIT.environment, () => asHtml(view, store)),
  },
  otlp: { ending: 'otlp.json', make: ({ view, store }) => asOtlp(view, store) },
  har: { ending: 'har', make: ({ view }) => asHar(view) },
  perfetto: { ending: 'perfetto.json', make: ({ view }) => `${JSON.stringify(perfettoOf(view))}\n` },
  markdown: { ending: 'md', make: ({ view }) => asMarkdown(view) },
} as const satisfies Record<string, ExportFormat>;

interface ExportOptions {
  readonly format: keyof typeof FORMATS;
  readonly output?: string;
}

export function addExport(command: Command): void {
  command
    .argument('<trace>', 'trace ID, a unique beginning of it, or a traceparent')
    .addOption(new Option('--format <format>', 'what to make').choices(Object.keys(FORMATS)).default('html'))
    .option('-o, --output <file>', 'where to; - is standard output')
    .addHelpText('after', EXAMPLES)
    .action(exportRun);
}

async function exportRun(asked: string, { format, output }: ExportOptions): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const view = readRun(asked, store);
    const { ending, make }: ExportFormat = FORMATS[format];
    const body = await make({ view, store });
    if (output === '-') return print(body);
    write(output ?? `headwater-${view.report.traceId.slice(0, 8)}.${ending}`, body);
  } finally {
    store.close();
  }
}

function readRun(asked: string, store: Store): RunView {
  const traceId = namedTrace(asked, (prefix) => store.findTrace(prefix));
  const view = reopened(traceId, store) ?? restitch(traceId, store, usualFrom(store));
  if (!view || view.dropped?.spans) throw new UserError(noSpans(traceId, store));
  return view;
}

async function asHtml(view: RunView, store: Store): Promise<string> {
  const { traceId } = view.report;
  say(`  ${view.trace.spans.length.toLocaleString('en').replaceAll(',', ' ')} spans …`);
  return htmlFile(VIEWER_DIR, {
    start: `/run/${traceId}`,
    answers: await answersAbout(view),
    pictures: picturesOf(view, (name) => store.file(traceId, name)),
  });
}

const asOtlp = ({ report }: RunView, store: Store): string =>
  otlpJson(store.spans(report.traceId), extrasOf(report, store));

function asHar(view: RunView): string {
  const har = harOf(view, VERSION);
  if (har.log.entries.length === 0)
    throw new UserError(
      `Trace ${view.report.traceId} holds no HTTP request that anybody sent: there is nothing that a HAR could tell. --format otlp has all of it.`,
    );
  return `${JSON.stringify(har, null, 1)}\n`;
}

const MARKDOWN_WIDTH = 110;

const asMarkdown = (view: RunView): string =>
  markdownOf(view, {
    waterfall: renderWaterfall(view, MARKDOWN_WIDTH, picocolors.createColors(false)),
    link: view.report.viewerUrl ?? `\`headwater show ${view.report.traceId.slice(0, 8)}\``,
  });

/** Beside its place first, and then moved: what was there stays until the new file is whole. */
function write(file: string, body: string): void {
  const path = resolve(file);
  const isReplaced = existsSync(path);
  const unfinished = join(dirname(path), `.headwater-${process.pid}.part`);
  try {
    // A device or a pipe is written to; it must not be moved over.
    if (isReplaced && !statSync(path).isFile()) writeFileSync(path, body);
    else {
      writeFileSync(unfinished, body);
      renameSync(unfinished, path);
    }
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new UserError(`${file} cannot be written: ${messageOf(error)}. Choose another with -o.`);
  }
  sayDone(isReplaced ? 'replaced' : 'written', `${path} (${sizeOf(body)})`);
}

const sizeOf = (body: string): string => {
  const bytes = Buffer.byteLength(body);
  return bytes < 100 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
};
