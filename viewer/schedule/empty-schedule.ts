/** What the schedule's screen says before there is one. */
import { el } from '../element.ts';
import { withCode } from '../notice.ts';

const EXAMPLE = `export default {
  journeys: {
    front: { run: 'https://your.site/', every: '5m' },
    'sign-in': {
      run: './sign-in.journey.ts',
      cron: '0 8-18 * * 1-5',
      timeZone: 'Europe/Berlin',
    },
  },
};`;

export const emptySchedule = (): HTMLElement =>
  el(
    'div',
    { class: 'notice empty-schedule' },
    el('h2', {}, 'Nothing is scheduled'),
    el('p', {}, ...withCode('Add journeys to `headwater.config.ts`, each with a time:')),
    el('pre', { tabindex: 0, role: 'group', 'aria-label': 'Example' }, el('code', {}, EXAMPLE)),
    el(
      'p',
      {},
      ...withCode(
        'Then `npx headwater schedule` walks them, instead of `npx headwater serve`. This page shows it.',
      ),
    ),
  );
