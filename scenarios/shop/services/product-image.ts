/** Pictures of the products, drawn by code: one motif each, on a ground that its category colours. */

const GROUNDS = ['#dfe9e4', '#f3e3cf', '#dde6f0', '#efe0dc', '#e6e8d6'] as const;
const INK = '#22403d';
const [STEEL, WARM, WATER, LEAF, WOOD, CREAM] = [
  '#8fa3a6',
  '#d9793f',
  '#4b86a8',
  '#5d8a5f',
  '#b98551',
  '#fbf7ef',
];

/** Fills behind, outlines in front; drawn on 240 × 200, the ground line is at y = 160. */
const MOTIFS: Readonly<Record<string, string>> = {
  'river-kettle': `<path d="M75 100q0-40 45-40t45 40v45q0 15-15 15H90q-15 0-15-15z" fill="${STEEL}"/><path d="M165 112l24-36 12 4-34 56z" fill="${STEEL}"/><path d="M84 76q36-60 72 0" fill="none"/><circle cx="120" cy="55" r="6" fill="${WARM}"/>`,
  'dusk-lantern': `<rect x="88" y="70" width="64" height="80" rx="10" fill="${CREAM}"/><circle cx="120" cy="110" r="22" fill="${WARM}" stroke="none"/><path d="M82 70h76l-12-18H94zM82 150h76v12H82zM100 52q20-38 40 0" fill="${LEAF}"/>`,
  'enamel-mug': `<path d="M75 80h80v68q0 12-12 12H87q-12 0-12-12z" fill="${WATER}"/><path d="M155 95q32 0 26 28-4 20-26 16" fill="none"/><path d="M95 60q8-10 0-20M118 60q8-10 0-20" fill="none"/><circle cx="98" cy="112" r="3" fill="${CREAM}" stroke="none"/><circle cx="128" cy="130" r="3" fill="${CREAM}" stroke="none"/>`,
  'ford-canteen': `<rect x="86" y="62" width="68" height="98" rx="22" fill="${LEAF}"/><rect x="106" y="40" width="28" height="22" rx="5" fill="${STEEL}"/><path d="M86 100h68M106 50q-34 4-20 40" fill="none"/>`,
  'needle-compass': `<circle cx="120" cy="105" r="54" fill="${CREAM}"/><circle cx="120" cy="105" r="42" fill="none"/><path d="M120 68l12 37h-24z" fill="${WARM}"/><path d="M120 142l12-37h-24z" fill="${WATER}"/><rect x="112" y="36" width="16" height="14" rx="4" fill="${STEEL}"/>`,
  'bank-tent': `<path d="M40 160l80-108 80 108z" fill="${WARM}"/><path d="M120 52l-26 108h52z" fill="${CREAM}"/><path d="M120 52V40M30 160h180" fill="none"/>`,
  'portage-pack': `<path d="M80 82q0-40 40-40t40 40v66q0 12-12 12H92q-12 0-12-12z" fill="${LEAF}"/><rect x="92" y="110" width="56" height="36" rx="8" fill="${WOOD}"/><path d="M80 92h80M104 42v-8h32v8M72 100q-10 30 0 50M168 100q10 30 0 50" fill="none"/>`,
  'wool-blanket': `<path d="M60 130q60 24 120 0v24q-60 24-120 0z" fill="${WATER}"/><path d="M60 104q60 24 120 0v24q-60 24-120 0z" fill="${CREAM}"/><path d="M60 78q60-26 120 0v24q-60 24-120 0z" fill="${WARM}"/>`,
  'ash-paddle': `<path d="M156 40l-70 84" fill="none" stroke-width="9" stroke="${WOOD}"/><path d="M92 108l16 14q-6 36-42 46-10-32 26-60z" fill="${WOOD}"/><path d="M148 34l16 14" fill="none"/>`,
  'creek-canoe': `<path d="M36 96q84 34 168 0-14 44-48 44H84q-34 0-48-44z" fill="${WOOD}"/><path d="M84 112v28M120 114v26M156 112v28M30 160q15-8 30 0t30 0 30 0 30 0 30 0 30 0" fill="none"/>`,
  'rain-shell': `<path d="M92 58l28-14 28 14 30 36-22 18-6-8v58H90v-58l-6 8-22-18z" fill="${WATER}"/><path d="M120 60v102M92 58q28 26 56 0M100 128h12M128 128h12" fill="none"/>`,
  'wading-boots': `<path d="M78 44h34v66q34 6 40 26v16H78z" fill="${LEAF}"/><path d="M74 152h82v10H74zM78 66h34M84 84h28" fill="${WOOD}"/>`,
  'willow-rod': `<path d="M56 160L176 44" fill="none" stroke-width="6" stroke="${WOOD}"/><path d="M176 44q16 40 4 84" fill="none"/><circle cx="90" cy="136" r="11" fill="${STEEL}"/><path d="M170 132q10-8 20 0-10 10-20 0z" fill="${WARM}"/>`,
  'guide-rope': `<g fill="none" stroke="${WARM}" stroke-width="13"><ellipse cx="120" cy="106" rx="50" ry="42"/><ellipse cx="120" cy="106" rx="29" ry="22"/></g><path d="M120 64q40-30 66-8M158 134l22 22" fill="none" stroke="${WARM}" stroke-width="9"/><ellipse cx="120" cy="106" rx="40" ry="32" fill="none" stroke-dasharray="6 8"/>`,
  'map-case': `<rect x="68" y="50" width="104" height="110" rx="8" fill="${CREAM}"/><path d="M68 120q30-30 52-6t52-24v62q0 8-8 8H76q-8 0-8-8z" fill="${WATER}"/><path d="M90 76l18 12 22-20 20 14" fill="none" stroke-dasharray="5 6"/><path d="M146 70l10 10m0-10l-10 10" stroke="${WARM}" fill="none"/>`,
  'pocket-knife': `<path d="M66 136q-8-14 4-22l74-46 22 30-74 46q-16 8-26-8z" fill="${WARM}"/><path d="M144 68l34-32q14 18-12 62z" fill="${STEEL}"/><circle cx="84" cy="130" r="4" fill="${CREAM}"/>`,
  'camp-stove': `<path d="M92 112h56l10 48H82z" fill="${STEEL}"/><path d="M74 92h92v20H74z" fill="${LEAF}"/><path d="M120 40q24 22 14 40-4 10-14 10t-14-10q-6-14 8-24 8-6 6-16z" fill="${WARM}"/>`,
  'field-notebook': `<rect x="76" y="46" width="90" height="116" rx="8" fill="${LEAF}"/><rect x="98" y="70" width="50" height="26" rx="4" fill="${CREAM}"/><path d="M90 46v116M152 46v116" fill="none"/><path d="M176 60v78l-6 14-6-14" fill="${WARM}"/>`,
  'heron-binoculars': `<path d="M64 150q-4-60 16-96h26v96q-21 16-42 0zM176 150q4-60-16-96h-26v96q21 16 42 0z" fill="${LEAF}"/><path d="M106 78h28v30h-28z" fill="${STEEL}"/><ellipse cx="85" cy="150" rx="21" ry="9" fill="${WATER}"/><ellipse cx="155" cy="150" rx="21" ry="9" fill="${WATER}"/>`,
  'creek-hammock': `<path d="M44 36v128M196 36v128" fill="none" stroke="${WOOD}" stroke-width="10"/><path d="M48 70q72 110 144 0-16 84-72 84T48 70z" fill="${WARM}"/><path d="M78 106l12 34M120 124v30M162 106l-12 34" fill="none"/>`,
};

export const pictured = (): readonly string[] => Object.keys(MOTIFS);

/** An SVG, 240 × 200; undefined for a product that has no picture. */
export function productImage(slug: string): string | undefined {
  const motif = Object.hasOwn(MOTIFS, slug) ? MOTIFS[slug] : undefined;
  if (!motif) return undefined;
  const ground = GROUNDS[pictured().indexOf(slug) % GROUNDS.length];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 200" width="240" height="200">
<rect width="240" height="200" fill="${ground}"/>
<ellipse cx="120" cy="168" rx="84" ry="7" fill="${INK}" opacity=".12"/>
<g stroke="${INK}" stroke-width="3" stroke-linejoin="round" stroke-linecap="round">${motif}</g>
</svg>
`;
}
