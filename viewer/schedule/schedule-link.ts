/** The way to the schedule, where there is one. */
import type { ScheduleStanding } from '../../src/model/schedule.ts';
import { ask } from '../api.ts';
import { el } from '../element.ts';

export function scheduleLink(): HTMLElement {
  const link = el('a', { class: 'button', href: '/schedule', 'data-link': true, hidden: true }, 'Schedule');
  void ask<ScheduleStanding>('/api/schedule').then(
    ({ state }) => {
      link.hidden = state === 'off';
    },
    () => undefined,
  );
  return link;
}
