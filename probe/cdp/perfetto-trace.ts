/**
 * The browser's trace as Perfetto writes it, read into the trace events that its JSON would have. To make that JSON the
 * browser first reads its own trace into a database: half a second for twenty tests. This it has at hand.
 *
 * ```
 * packet        of one sequence: a thread that wrote it down
 *   interned    names, said once each and then by number, until the sequence's incremental state is cleared
 *   timestamp   after the one before on this sequence, or by a clock of its own
 *   event       begins or ends a slice of a track, or is an instant on it; a track belongs to a thread or a process
 * ```
 * Where a packet was lost, what needs it is left out until that state is cleared.
 *
 * https://perfetto.dev/docs/reference/synthetic-track-event
 * https://github.com/google/perfetto/blob/v52.0/protos/perfetto/trace/trace_packet.proto, track_event/track_event.proto
 */
import { PbfReader } from 'pbf';
import type { Fields } from '../../src/import/netlog/events.ts';
import { annotationIn, type Interned } from './perfetto-annotation.ts';

/** Numbers of a packet's fields, and of the messages in it, as the .proto files have them. */
const PACKET = {
  ...{ clocks: 6, timestamp: 8, sequence: 10, event: 11, interned: 12, flags: 13 },
  ...{ afterLoss: 42, clock: 58, defaults: 59, track: 60 },
};
const EVENT = {
  annotation: 4,
  legacy: 6,
  type: 9,
  nameId: 10,
  track: 11,
  counterValues: 12,
  name: 23,
  counters: 31,
};
const LEGACY = { phase: 2, durUs: 3, id: 6 };
const INTERNED = { events: 2, annotations: 3, strings: 29 };
const TRACK = { id: 1, thread: 4, counter: 8 };
const CLOCK = 1;

const BEGINS = 1;
const ENDS = 2;
const STATE_CLEARED = 1;
const NEEDS_STATE = 2;
/** `CLOCK_MONOTONIC`: DevTools' own times are of it. */
const MONOTONIC = 3;
/** From here on clocks are a sequence's own. */
const FIRST_OWN_CLOCK = 64;
const THREAD_TIME_NS = 1;
/** How a field is written. */
const VARINT = 0;
const BYTES = 2;

/** All 64 bits of it: a thread's track differs from its neighbour's in the last ones, which a double would lose. */
type TrackId = string;

interface Track {
  pid?: number;
  tid?: number;
  /** Nanoseconds of the thread's own time in one of this counter's units. */
  cpuUnitNs?: number;
}
interface OwnClock {
  readonly unitNs: number;
  readonly isIncremental: boolean;
  at: number;
}
/** As in the JSON: microseconds; `tdur` is the thread's own time. */
type TraceEvent = {
  readonly name: string;
  ph: string;
  readonly ts: number;
  readonly id?: string;
  dur?: number;
  tdur?: number;
  readonly pid: number | undefined;
  readonly tid: number | undefined;
  readonly args: Record<string, unknown>;
};
interface OpenSlice {
  readonly event: TraceEvent;
  readonly cpuUs: number | undefined;
}
/** Of the messages in it, where they begin: the first of them may need the last. */
interface Packet {
  sequence: number;
  flags: number;
  timestamp: number;
  clock: number | undefined;
  isAfterLoss: boolean;
  clocksAt: number;
  eventAt: number;
  internedAt: number;
  defaultsAt: number;
  trackAt: number;
}
const NOTHING_YET: Packet = {
  ...{ sequence: 0, flags: 0, timestamp: 0, clock: undefined, isAfterLoss: false },
  ...{ clocksAt: 0, eventAt: 0, internedAt: 0, defaultsAt: 0, trackAt: 0 },
};
interface RawEvent {
  type: number;
  /** What an event without a type has instead. */
  legacy: Pick<TraceEvent, 'ph' | 'dur' | 'id'> | undefined;
  name: string;
  track: TrackId;
  counters: readonly TrackId[];
  readonly counterValues: number[];
  readonly args: TraceEvent['args'];
}

/** What a sequence's packets leave out, since it was said before. */
class Sequence implements Interned {
  isWhole = false;
  readonly eventNames = new Map<number, string>();
  readonly annotationNames = new Map<number, string>();
  readonly strings = new Map<number, string>();
  readonly clocks = new Map<number, OwnClock>();
  readonly counts = new Map<TrackId, number>();
  clock = MONOTONIC;
  track: TrackId = '';
  counters: readonly TrackId[] = [];

  clearState(): void {
    for (const said of [this.eventNames, this.annotationNames, this.strings, this.clocks, this.counts])
      said.clear();
    Object.assign(this, { isWhole: true, clock: MONOTONIC, track: '', counters: [] });
  }

  microseconds({ timestamp, clock = this.clock }: Packet): number {
    const own = clock >= FIRST_OWN_CLOCK ? this.clocks.get(clock) : undefined;
    if (!own) return timestamp / 1_000;
    if (own.isIncremental) own.at += timestamp;
    return ((own.isIncremental ? own.at : timestamp) * own.unitNs) / 1_000;
  }
}

/** By time. Of a file that was cut off, what is whole. */
export function readPerfettoTrace(bytes: Uint8Array): Fields[] {
  const reader = new PerfettoReader(bytes);
  try {
    reader.read();
  } catch {
    // Cut off, or no such file: what was read until there is what there is.
  }
  return reader.events.sort((a, b) => a.ts - b.ts);
}

class PerfettoReader {
  readonly events: TraceEvent[] = [];
  private readonly file: PbfReader;
  private readonly tracks = new Map<TrackId, Track>();
  private readonly sequences = new Map<number, Sequence>();
  private readonly openByTrack = new Map<TrackId, OpenSlice[]>();

  constructor(bytes: Uint8Array) {
    this.file = new PbfReader(bytes);
  }

  read(): void {
    const { file } = this;
    while (file.pos < file.length) {
      const tag = file.readVarint();
      if (tag >> 3 === 1) this.readPacket();
      else file.skip(tag);
    }
  }

  private readPacket(): void {
    const { file } = this;
    const end = file.readVarint() + file.pos;
    if (end > file.length) throw new RangeError('The last packet is not whole.');
    const packet = packetUntil(end, file);
    const sequence = this.sequenceOf(packet);
    if (isAt(packet.defaultsAt, file)) readDefaults(file, sequence);
    if (isAt(packet.clocksAt, file)) readClocks(file, sequence);
    if (isAt(packet.internedAt, file)) readInterned(file, sequence);
    if (isAt(packet.trackAt, file)) this.readTrack();
    const us = sequence.microseconds(packet);
    const isReadable = sequence.isWhole || (packet.flags & NEEDS_STATE) === 0;
    if (isReadable && isAt(packet.eventAt, file)) this.add(eventOf(file, sequence), us, sequence);
    file.pos = end;
  }

  private sequenceOf({ sequence: id, flags, isAfterLoss }: Packet): Sequence {
    const sequence = this.sequences.get(id) ?? new Sequence();
    this.sequences.set(id, sequence);
    if (isAfterLoss) sequence.isWhole = false;
    if (flags & STATE_CLEARED) sequence.clearState();
    return sequence;
  }

  private readTrack(): void {
    const track: Track = {};
    let id: TrackId = '';
    for (const field of fieldsOf(this.file))
      if (field === TRACK.id) id = trackIdIn(this.file);
      else if (field === TRACK.thread) Object.assign(track, threadIn(this.file));
      else if (field === TRACK.counter) track.cpuUnitNs = cpuUnitIn(this.file);
    this.tracks.set(id, track);
  }

  private add(raw: RawEvent, us: number, sequence: Sequence): void {
    const cpuUs = this.cpuOf(raw, sequence);
    if (raw.type === ENDS) {
      this.end(raw, us, cpuUs);
      return;
    }
    const { name, type, args, legacy } = raw;
    const isThreads = this.tracks.get(raw.track)?.tid !== undefined;
    const ph = type === BEGINS ? (isThreads ? 'B' : 'b') : 'I';
    const place = this.placeOf(raw.track, sequence);
    const event: TraceEvent = { name, ph, ts: us, ...place, args, ...(type === 0 && legacy) };
    this.events.push(event);
    if (raw.type !== BEGINS) return;
    const open = this.openByTrack.get(raw.track);
    if (open) open.push({ event, cpuUs });
    else this.openByTrack.set(raw.track, [{ event, cpuUs }]);
  }

  /** A thread's slice becomes one event with a length; of what runs beside it the beginning says all that is asked for. */
  private end({ track, args }: RawEvent, us: number, endCpuUs: number | undefined): void {
    const open = this.openByTrack.get(track)?.pop();
    if (!open) return;
    const { event, cpuUs } = open;
    Object.assign(event.args, args);
    if (event.ph !== 'B') return;
    event.ph = 'X';
    event.dur = us - event.ts;
    if (cpuUs !== undefined && endCpuUs !== undefined) event.tdur = endCpuUs - cpuUs;
  }

  /** Counters tell how much more it is than at the event before. */
  private cpuOf({ counters, counterValues }: RawEvent, { counts }: Sequence): number | undefined {
    let us: number | undefined;
    for (const [i, more] of counterValues.entries()) {
      const id = counters[i] ?? '';
      const count = (counts.get(id) ?? 0) + more;
      counts.set(id, count);
      const unitNs = this.tracks.get(id)?.cpuUnitNs;
      if (unitNs !== undefined) us = (count * unitNs) / 1_000;
    }
    return us;
  }

  /** What is on no thread's track was written down by the sequence's own. */
  private placeOf(id: TrackId, sequence: Sequence): Pick<TraceEvent, 'pid' | 'tid'> {
    const { pid, tid } = this.tracks.get(id) ?? {};
    if (tid !== undefined) return { pid, tid };
    const own = this.tracks.get(sequence.track);
    return { pid: own?.pid, tid: own?.tid };
  }
}

/** The fields of the message that comes next; a value that nobody reads is skipped. */
function* fieldsOf(reader: PbfReader, end = reader.readVarint() + reader.pos): Generator<number> {
  for (let field = reader.nextField(end); field !== 0; field = reader.nextField(end)) yield field;
}

/** Goes to where a message begins, if there is one. */
function isAt(at: number, reader: PbfReader): boolean {
  if (at > 0) reader.pos = at;
  return at > 0;
}

function packetUntil(end: number, file: PbfReader): Packet {
  const packet = { ...NOTHING_YET };
  for (const field of fieldsOf(file, end))
    if (field === PACKET.timestamp) packet.timestamp = file.readVarint();
    else if (field === PACKET.sequence) packet.sequence = file.readVarint();
    else if (field === PACKET.flags) packet.flags = file.readVarint();
    else if (field === PACKET.clock) packet.clock = file.readVarint();
    else if (field === PACKET.afterLoss) packet.isAfterLoss = file.readBoolean();
    else if (field === PACKET.event) packet.eventAt = file.pos;
    else if (field === PACKET.interned) packet.internedAt = file.pos;
    else if (field === PACKET.track) packet.trackAt = file.pos;
    else if (field === PACKET.clocks) packet.clocksAt = file.pos;
    else if (field === PACKET.defaults) packet.defaultsAt = file.pos;
  return packet;
}

function readDefaults(file: PbfReader, sequence: Sequence): void {
  for (const field of fieldsOf(file)) {
    if (field === PACKET.clock) sequence.clock = file.readVarint();
    if (field !== PACKET.event) continue;
    const counters: TrackId[] = [];
    for (const ofEvent of fieldsOf(file))
      if (ofEvent === EVENT.track) sequence.track = trackIdIn(file);
      else if (ofEvent === EVENT.counters) counters.push(...trackIdsIn(file));
    sequence.counters = counters;
  }
}

function readClocks(file: PbfReader, { clocks }: Sequence): void {
  for (const field of fieldsOf(file)) {
    if (field !== CLOCK) continue;
    const numbers = numbersIn(file);
    const [id = 0, at = 0, isIncremental = 0, unitNs = 1] = [1, 2, 3, 4].map((each) => numbers.get(each));
    if (id >= FIRST_OWN_CLOCK) clocks.set(id, { unitNs, isIncremental: isIncremental === 1, at });
  }
}

function readInterned(file: PbfReader, sequence: Sequence): void {
  const known = new Map([
    [INTERNED.events, sequence.eventNames],
    [INTERNED.annotations, sequence.annotationNames],
    [INTERNED.strings, sequence.strings],
  ]);
  for (const field of fieldsOf(file)) {
    const names = known.get(field);
    if (!names) continue;
    let id = 0;
    for (const part of fieldsOf(file))
      if (part === 1) id = file.readVarint();
      else if (part === 2) names.set(id, file.readString());
  }
}

function eventOf(file: PbfReader, sequence: Sequence): RawEvent {
  const { track, counters } = sequence;
  const args: TraceEvent['args'] = {};
  const event: RawEvent = {
    ...{ type: 0, legacy: undefined, name: '', track, counters, counterValues: [], args },
  };
  const ownCounters: TrackId[] = [];
  for (const field of fieldsOf(file))
    if (field === EVENT.type) event.type = file.readVarint();
    else if (field === EVENT.name) event.name = file.readString();
    else if (field === EVENT.nameId) event.name = sequence.eventNames.get(file.readVarint()) ?? '';
    else if (field === EVENT.track) event.track = trackIdIn(file);
    else if (field === EVENT.counterValues) file.readPackedVarint(event.counterValues, true);
    else if (field === EVENT.counters) ownCounters.push(...trackIdsIn(file));
    else if (field === EVENT.legacy) event.legacy = legacyIn(file);
    else if (field === EVENT.annotation) {
      const { name, value } = annotationIn(file, sequence);
      args[name] = value;
    }
  if (ownCounters.length > 0) event.counters = ownCounters;
  return event;
}

/** A message of numbers, by field. */
function numbersIn(reader: PbfReader): Map<number, number> {
  const numbers = new Map<number, number>();
  for (const field of fieldsOf(reader))
    if (reader.type === VARINT) numbers.set(field, reader.readVarint(true));
  return numbers;
}

function legacyIn(reader: PbfReader): RawEvent['legacy'] {
  const numbers = numbersIn(reader);
  const [phase = 0, dur, id] = [LEGACY.phase, LEGACY.durUs, LEGACY.id].map((field) => numbers.get(field));
  return {
    ph: String.fromCharCode(phase),
    ...(dur !== undefined && { dur }),
    ...(id !== undefined && { id: `0x${id.toString(16)}` }),
  };
}

function threadIn(reader: PbfReader): Pick<Track, 'pid' | 'tid'> {
  const numbers = numbersIn(reader);
  return { pid: numbers.get(1), tid: numbers.get(2) };
}

function cpuUnitIn(reader: PbfReader): number | undefined {
  const numbers = numbersIn(reader);
  return numbers.get(1) === THREAD_TIME_NS ? (numbers.get(4) ?? 1) : undefined;
}

function trackIdIn(reader: PbfReader): TrackId {
  const start = reader.pos;
  reader.readVarint();
  return String.fromCharCode(...reader.buf.subarray(start, reader.pos));
}

function trackIdsIn(reader: PbfReader): TrackId[] {
  if (reader.type !== BYTES) return [trackIdIn(reader)];
  const end = reader.readVarint() + reader.pos;
  const ids: TrackId[] = [];
  while (reader.pos < end) ids.push(trackIdIn(reader));
  return ids;
}
