/** The button "Copy" and its menu: the address, the run in words, the waterfall as it is on screen as a picture. */
import { el } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { copyPng, copySvg, copyText, saveFile } from './clipboard.ts';
import { keep, menuKey } from './menu-keys.ts';
import type { Picture } from './picture.ts';
import { runMarkdown, runPlainText } from './run-text.ts';
import { pngOf, svgOf } from './shown-picture.ts';

export interface CopyMenu {
  readonly element: HTMLElement;
  open(): void;
}

/** Long enough to be read, short enough to be pressed again. */
const DONE_FOR_MS = 1_500;
/** A sentence that says what to do takes longer to read than a word. */
const REFUSED_FOR_MS = 8_000;

interface Choice {
  readonly name: string;
  /** Said when it is done. */
  readonly done: string;
  run(state: RunState, picture: () => Picture): Promise<void> | void;
}

const fileName = ({ report }: RunState, end: string): string =>
  `headwater-${report.traceId.slice(0, 8)}.${end}`;

const CHOICES: readonly Choice[] = [
  { name: 'Link to this view', done: 'Link copied', run: () => copyText(location.href) },
  {
    name: 'Run as Markdown',
    done: 'Markdown copied',
    run: ({ report }) => copyText(runMarkdown(report, location.href)),
  },
  {
    name: 'Run as plain text',
    done: 'Text copied',
    run: ({ report }) => copyText(runPlainText(report, location.href)),
  },
  {
    name: 'Picture as PNG',
    done: 'Picture copied',
    run: (_, picture) => copyPng(pngOf(picture())),
  },
  {
    name: 'Picture as SVG',
    done: 'SVG copied',
    run: (_, picture) => copySvg(svgOf(picture())),
  },
  {
    name: 'Save as PNG',
    done: 'PNG saved',
    run: async (state, picture) => saveFile(fileName(state, 'png'), await pngOf(picture())),
  },
  {
    name: 'Save as SVG',
    done: 'SVG saved',
    run: (state, picture) =>
      saveFile(fileName(state, 'svg'), new Blob([svgOf(picture())], { type: 'image/svg+xml' })),
  },
];

/** @param picture of what is on screen at the moment of copying */
export function createCopyMenu(state: RunState, picture: () => Picture): CopyMenu {
  const button = el(
    'button',
    {
      type: 'button',
      class: 'toggle',
      title: 'Copy the run: link, words, picture (y)',
      'aria-haspopup': 'menu',
      'aria-expanded': false,
    },
    'Copy',
  );
  const menu = el('div', { class: 'copy-menu', role: 'menu', 'aria-label': 'Copy the run', hidden: true });
  const said = el('span', { class: 'copy-said', role: 'status' });
  const element = el('span', { class: 'copy' }, button, menu, said);
  const show = (open: boolean): void => {
    menu.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  };
  const close = (): void => {
    if (menu.hidden) return;
    show(false);
    button.focus();
  };
  const say = speaker(said);
  const items = CHOICES.map((choice) => {
    const act = (): void => {
      close();
      void attempt(() => choice.run(state, picture)).then((refused) =>
        say(refused ?? choice.done, !!refused),
      );
    };
    return el('button', { type: 'button', role: 'menuitem', tabindex: -1, on: { click: act } }, choice.name);
  });
  menu.append(...items);
  const open = (): void => {
    show(true);
    items[0]?.focus();
  };
  button.addEventListener('click', () => (menu.hidden ? open() : close()));
  element.addEventListener('keydown', (event) => {
    if (!menu.hidden) menuKey(event, items, close);
    else if (event.key === 'ArrowDown') keep(event, open);
  });
  // Focus that goes elsewhere takes the menu with it; a press on its own parts does not.
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) show(false);
  });
  return { element, open };
}

/** @returns the sentence when it was refused */
async function attempt(act: () => Promise<void> | void): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function speaker(said: HTMLElement): (words: string, refused: boolean) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (words, refused) => {
    clearTimeout(timer);
    said.textContent = words;
    said.classList.toggle('refused', refused);
    timer = setTimeout(
      () => {
        said.textContent = '';
      },
      refused ? REFUSED_FOR_MS : DONE_FOR_MS,
    );
  };
}
