// Puts the page together from the data that stands in it.

const LEFT = 46;
const RIGHT = 18;

function panelsOf(page, story) {
  const { limits } = page;
  const own = {
    Nodes: [[`at most ${limits.max_nodes}`, limits.max_nodes],
      [`at least ${limits.min_nodes}`, limits.min_nodes]],
    "CPU, last observed": [[`adds above ${limits.cpu_above}%`, limits.cpu_above],
      [`removes below ${limits.cpu_below}%`, limits.cpu_below, "below"]],
  };
  const seen = (line) => story.samples.some((sample) => sample[line.at] !== null);
  const stacked = { Nodes: typeLines(page.types) };
  return PANELS.filter((panel) => panel.lines.some(seen)).map((panel) => ({ ...panel,
    lines: [...stacked[panel.title] ?? [], ...panel.lines], limits: own[panel.title] }));
}

function drawCalm(page, place) {
  if (!page.calm || !page.faults.length) return "";
  const from = place.x(page.length);
  const group = drawn("g");
  group.append(drawn("rect", { class: "calm", x: from, y: 0, width: place.right - from,
    height: place.floor }));
  group.append(drawn("line", { class: "limit", x1: from, x2: from, y1: 0, y2: place.floor }));
  group.append(drawn("text", { x: from - 6, y: 14, "text-anchor": "end" }, "with faults"));
  group.append(drawn("text", { x: from + 6, y: 14 }, "calm: no faults"));
  return group;
}

function unseenPattern() {
  return drawn("defs", {}, drawn("pattern", { id: "unseen", width: 6, height: 6,
    patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
  drawn("line", { class: "unseen", x1: 0, x2: 0, y1: 0, y2: 6 })));
}

function drawStory(page, story, panels, marks, width) {
  const place = { left: LEFT, right: width - RIGHT, end: story.end };
  place.x = (at) => place.left + at / (place.end || 1) * (place.right - place.left);
  const svg = drawn("svg", { role: "group", "aria-label":
    `${ruler(story)}: nodes, pods, CPU and dollars over ${span(story.end)}` });
  const lanes = drawn("g");
  place.top = page.calm && page.faults.length ? 24 : 4;
  place.panels = drawLanes(lanes, marks, place, place.top);
  let y = place.panels;
  const drawings = panels.map((panel) => {
    const own = { ...place, title: y + 16, floor: y + 28 + panel.height };
    y = own.floor + 12;
    return drawPanel(panel, story, page.stories, own);
  });
  place.floor = y - 12;
  svg.append(unseenPattern(), drawCalm(page, place), ...drawings, drawTimeAxis(story, place),
    lanes);
  svg.setAttribute("viewBox", `0 0 ${width} ${place.floor + 42}`);
  return { svg, place };
}

/** The colours of the types, with their prices. */
function typeLegend(page) {
  return element("ul", { class: "legend types", "aria-label": "Instance types" },
    ...page.types.map((type, index) => element("li", {}, drawn("svg", { viewBox: "-8 -8 16 16",
      "aria-hidden": "true" }, drawn("rect", { class: `area stack type-${index % TYPE_LOOKS}`,
      x: -6, y: -6, width: 12, height: 12 })), ` ${typeWords(type)}`)));
}

/** The plots with their tooltip; drawn again when the width changes, and when passes without a
    change are wanted or not. */
function figureOf(page, story, decisions, lead) {
  const panels = panelsOf(page, story);
  const all = marksOf(page, story);
  const holder = element("div", { class: "plot" });
  const legend = element("div");
  const cursor = new Cursor(page, story, panels, holder);
  const range = scrubber(story, cursor);
  let width = 0;
  const draw = (always) => {
    if (!holder.clientWidth || (always !== true && holder.clientWidth === width)) return;
    width = holder.clientWidth;
    const marks = all.filter((mark) => mark.kind !== "said" || decisions.showsAll);
    legend.replaceChildren(markLegend(marks), typeLegend(page));
    const { svg, place } = drawStory(page, story, panels, marks, width);
    holder.replaceChildren(svg, cursor.tip, range);
    cursor.begin(svg, place, marks);
    cursor.hide();
    range.style.marginLeft = `${place.left - 8}px`;
    range.style.width = `${place.right - place.left + 16}px`;
    walkByKeys(marks, lead);
    for (const mark of marks) mark.drawn.addEventListener("dblclick", () => lead(mark));
  };
  holder.addEventListener("keydown", (event) => { if (event.key === "Escape") cursor.hide(); });
  new ResizeObserver(() => draw(false)).observe(holder);
  decisions.onFilter = () => draw(true);
  return element("figure", {}, legend, holder, element("figcaption", { class: "hint" },
    "Point at a moment, or drag the slider; Tab and the arrow keys go from mark to mark, Enter " +
    "to its row below."));
}

function sectionOf(page, story, together) {
  const decisions = decisionTable(story);
  const broken = brokenTable(story);
  const lead = (mark) => ({ decisions, broken })[mark.table]?.lead(mark.row);
  const section = element("section", { "aria-label": ruler(story), id: story.rules });
  const heading = together ? "h3" : "h2";
  if (together) section.append(element("h2", {}, ruler(story)));
  else section.append(totals(story));
  section.append(figureOf(page, story, decisions, lead));
  if (story.broken.length) {
    section.append(element(heading, { class: "broken" }, "Broken promises"), broken.table,
      broken.more);
  }
  section.append(element(heading, {}, "Decisions"));
  if (story.decisions.length) section.append(decisions.filter(), decisions.table, decisions.more);
  else section.append(element("p", { class: "hint" }, story.rules === "article" ?
    "The baseline scaler records no decisions and no reasons." : "None."));
  return section;
}

function verdict(page) {
  const ours = page.stories[0];
  const kept = !ours || !ours.broken.length;
  const words = kept ? "✓ All promises were kept"
    : `✗ Promises were broken: ${brokenWords(ours)}`;
  const calm = page.calm ? `, then ${span(page.calm)} of calm` : "";
  return [element("span", { class: kept ? "kept" : "broken" }, words), " ",
    element("span", { class: "seed" }, `· seed ${page.seed} · ${span(page.length)}${calm}`)];
}

const FEW_FAULTS = 6; // more are folded away

function faultWords(page) {
  if (!page.faults.length) return ["Faults: none."];
  const words = page.faults.map(({ name, chance }) =>
    `${name} ${chance < 0.001 ? "< 0.001" : Number(chance.toPrecision(2))}`).join(", ");
  const title = `${counted(page.faults.length, "kind")} of fault`;
  const meaning = "probability of each fault whenever it could happen";
  if (page.faults.length <= FEW_FAULTS) return [`Faults, with ${meaning}: ${words}.`];
  return [element("details", {}, element("summary", {}, `${title}, with ${meaning}`), words)];
}

function build() {
  const page = JSON.parse(document.getElementById("story").textContent);
  const put = (id, ...content) => document.getElementById(id).replaceChildren(...content);
  page.stories.forEach(addSpent);
  put("name", page.scenario);
  put("about", page.about);
  put("verdict", ...verdict(page));
  put("command", page.command);
  put("faults", ...faultWords(page));
  const together = page.stories.length > 1;
  const sections = page.stories.map((story) => sectionOf(page, story, together));
  put("stories", ...together ? [comparison(page.stories)] : [], ...sections);
}

build();
