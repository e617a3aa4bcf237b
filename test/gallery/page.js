// The gallery's own page: the list, and the example that the address names (`/gallery?e=run-slow-db&theme=dark&w=360`).
const examples = await (await fetch('/examples.json')).json();
const $ = (id) => document.getElementById(id);
const controls = $('controls');
const stage = $('stage');
const frame = $('example');

const asked = () => {
  const query = new URLSearchParams(location.search);
  const example = examples.find(({ id }) => id === query.get('e')) ?? examples[0];
  // An empty `w` is a choice, too: all the room there is, also for an example of a phone.
  const chosen = query.get('w') ?? undefined;
  const width = chosen ?? String(example.width ?? '');
  return { example, theme: query.get('theme') ?? '', chosen, width };
};

function addressOf(id, { theme, width }) {
  const query = new URLSearchParams({ e: id });
  if (theme) query.set('theme', theme);
  if (width !== undefined) query.set('w', width);
  return `/gallery?${query}`;
}

function exampleAddress({ id, at }, theme) {
  const url = new URL(at, `${location.protocol}//${id}.localhost:${location.port}`);
  if (theme) url.searchParams.set('theme', theme);
  return url.href;
}

function show() {
  const { example, theme, chosen, width } = asked();
  document.title = `${example.title} · Gallery · Headwater`;
  $('title').textContent = `${example.group}: ${example.title}`;
  controls.elements.theme.value = theme;
  controls.elements.w.value = width;
  const address = exampleAddress(example, theme);
  $('alone').href = address;
  if (frame.src !== address) frame.src = address;
  scaleTo(Number(width));
  drawList(example, { theme, width: chosen });
}

/** Wider than there is room: drawn smaller, from the left. Narrower: in the middle. */
function scaleTo(width) {
  const room = stage.clientWidth;
  const scale = width > room ? room / width : 1;
  stage.classList.toggle('narrow', width > 0 && width < room);
  frame.style.width = width ? `${width}px` : '';
  frame.style.height = `${100 / scale}%`;
  frame.style.transform = scale < 1 ? `scale(${scale})` : '';
}

function drawList(current, choice) {
  const groups = [...new Set(examples.map(({ group }) => group))];
  $('list').replaceChildren(
    ...groups.flatMap((group) => [heading(group), ...linksOf(group, current, choice)]),
  );
  document.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
}

const heading = (text) => Object.assign(document.createElement('h3'), { textContent: text });

const linksOf = (group, current, choice) =>
  examples
    .filter((example) => example.group === group)
    .map(({ id, title }) => {
      const link = Object.assign(document.createElement('a'), {
        textContent: title,
        href: addressOf(id, choice),
      });
      if (id === current.id) link.setAttribute('aria-current', 'page');
      return link;
    });

function go(address) {
  history.pushState(null, '', address);
  show();
}

controls.addEventListener('change', () => {
  const { theme, w } = controls.elements;
  go(addressOf(asked().example.id, { theme: theme.value, width: w.value }));
});
$('list').addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(link.getAttribute('href'));
});
addEventListener('popstate', show);
addEventListener('resize', show);
show();
