/**
 * What name servers do wrong, which question it befalls, and the true account of what it cost.
 *
 * ```
 * 'own'       question |---- held ----| answer                          from question to answer
 * 'opens'     answer   |
 * 'within'             |   |- held -| |- held -|                        counted by those around it
 * 'closes'             |                        |- held -| answer       from the opening answer to this one
 * ```
 */
import { noteInjected } from './injected.ts';

/** A server that thinks before it answers this question, or answers it badly. */
export interface AnswerDelay {
  /** Whose doing it is. */
  readonly fault?: string;
  readonly name: string;
  /** As dns-packet names it: `A`, `AAAA`, `UNKNOWN_65`. */
  readonly type: string;
  /** Only this server; without it any server that knows the answer, not those that refer to it. */
  readonly server?: string;
  /** Only over this transport. */
  readonly transport?: Transport;
  readonly delayMs: number;
  /** What it does in place of a good answer; `truncated` only over UDP. */
  readonly mishap?: 'silent' | 'SERVFAIL' | 'REFUSED' | 'truncated';
  /** How often the mishap happens before all is well; always when missing. */
  readonly times?: number;
  /** The mishap befalls the first, third, fifth … question: each is asked again, and then all is well. */
  readonly everyOther?: true;
  /** What of it is noted as injected; its own wait when missing. A silence lasts until the question comes again. */
  readonly counts?: 'own' | 'opens' | 'within' | 'closes';
}

export type Transport = 'udp' | 'tcp';

/** A question as it reached a server. */
export interface Asked {
  readonly name: string;
  readonly type: string;
  readonly server: string;
  readonly authoritative: boolean;
  readonly transport: Transport;
  /** On the clock of `performance.now()`. */
  readonly receivedMs: number;
}

export interface Treatment {
  readonly delayMs: number;
  readonly mishap?: AnswerDelay['mishap'];
  /** Called once the answer is on its way. */
  sent(): void;
}

export class Mishaps {
  private readonly delays: readonly AnswerDelay[];
  private readonly happened = new Map<AnswerDelay, number>();
  private readonly openedMsByFault = new Map<string, number>();

  constructor(delays: readonly AnswerDelay[]) {
    this.delays = delays;
  }

  /** Several faults may want the same answer: the first mishap of its turn happens alone, waits add up. */
  treat(asked: Asked): Treatment {
    const mine = this.delays.filter((delay) => befalls(delay, asked));
    const bad = mine.find((delay) => delay.mishap && this.happens(delay));
    for (const { mishap, fault } of mine)
      if (mishap === 'silent' && fault) this.close(fault, asked.receivedMs);
    if (!bad)
      return this.late(
        mine.filter(({ mishap }) => !mishap),
        asked,
      );
    if (bad.mishap === 'silent' && bad.fault) this.openedMsByFault.set(bad.fault, asked.receivedMs);
    const { delayMs, mishap } = bad;
    return { delayMs, mishap, sent: () => this.note(bad, performance.now() - asked.receivedMs) };
  }

  private late(late: readonly AnswerDelay[], { receivedMs }: Asked): Treatment {
    const delayMs = late.reduce((sum, delay) => sum + delay.delayMs, 0);
    const sent = () => {
      const tookMs = performance.now() - receivedMs;
      for (const delay of late) this.note(delay, delayMs > 0 ? (tookMs * delay.delayMs) / delayMs : 0);
    };
    return { delayMs, sent };
  }

  /** Counts the questions that it may befall. */
  private happens(delay: AnswerDelay): boolean {
    const before = this.happened.get(delay) ?? 0;
    this.happened.set(delay, before + 1);
    return before < (delay.times ?? Number.POSITIVE_INFINITY) && !(delay.everyOther && before % 2 === 1);
  }

  private note({ fault, counts = 'own' }: AnswerDelay, ownMs: number): void {
    if (!fault || counts === 'within') return;
    if (counts === 'own') noteInjected(fault, ownMs);
    else if (counts === 'closes') this.close(fault, performance.now());
    else this.openedMsByFault.set(fault, performance.now());
  }

  private close(fault: string, atMs: number): void {
    const openedMs = this.openedMsByFault.get(fault);
    if (openedMs === undefined) return;
    this.openedMsByFault.delete(fault);
    noteInjected(fault, atMs - openedMs);
  }
}

const befalls = (delay: AnswerDelay, asked: Asked): boolean =>
  delay.name === asked.name &&
  delay.type === asked.type &&
  (delay.transport ?? asked.transport) === asked.transport &&
  (delay.server ? delay.server === asked.server : asked.authoritative);
