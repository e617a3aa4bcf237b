/** One line a run and one a skip, on stdout: what the schedule did, as it does it. */
import type { SkippedSlots, Try, WalkedSlot } from '../model/schedule.ts';
import type { SchedulerOptions } from '../schedule/scheduler.ts';
import { print, stdoutColours } from './console.ts';
import { renderSkipped, renderTry } from './terminal/schedule.ts';

const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function scheduleTeller(json: boolean): Pick<SchedulerOptions, 'onTry' | 'onSkip'> {
  if (json)
    return {
      onTry: ({ journey, slotUnixMs, byHand, tries }: WalkedSlot, last: Try) =>
        print(JSON.stringify({ journey, slotUnixMs, byHand, attempt: tries.length, ...last })),
      onSkip: (slots: SkippedSlots) => print(JSON.stringify(slots)),
    };
  return {
    onTry: (slot, last) => print(renderTry(slot, last, machineZone(), stdoutColours)),
    onSkip: (slots) => print(renderSkipped(slots, machineZone(), stdoutColours)),
  };
}
