// What happened, as marks above the plots: the load that a person changed, decisions, and promises
// that were not kept. A shape for each kind; a mark is a button that leads to its row.

const SHAPES = {
  launched: "M0-5L5 4H-5Z",
  removed: "M0 5L5-4H-5Z",
  refused: "M-4-4L4 4M4-4L-4 4",
  settled: "M-4.5 0H4.5M0-4.5V4.5",
  said: "M-3.5 0A3.5 3.5 0 1 1 3.5 0A3.5 3.5 0 1 1-3.5 0Z",
  load: "M0-5L5 0L0 5L-5 0Z",
  interrupted: "M1.5-6L-4 1H0L-1.5 6L4-1H0Z",
  broke: "M-5-5H5V5H-5Z",
};
const MEANINGS = {
  load: "load changed",
  interrupted: "spot interruption notice",
  launched: "launched nodes",
  removed: "removed a node",
  refused: "launch or termination refused",
  settled: "recovered operations of an earlier pass",
  said: "no change, new reason",
  broke: "promise broken",
};
const LANES = [
  { title: "Load", kinds: [["load"]] },
  { title: "Interruptions", kinds: [["interrupted"]] },
  { title: "Decisions", kinds: [["launched"], ["removed"], ["said", "refused", "settled"]] },
  { title: "Broken promises", kinds: [["broke"]] },
];
const LANE_ROW = 15;

function kindOf(decision) {
  if (decision.launched) return "launched";
  if (decision.removed) return "removed";
  if (decision.refused) return "refused";
  return decision.settled ? "settled" : "said";
}

/** Everything that has a mark, in the order of time. */
function marksOf(page, story) {
  const marks = page.steps.map((step) => ({ kind: "load", at: step.at, what: "Load",
    label: labelOf(step), lines: [deployed(step)] }));
  story.interruptions.forEach(({ at, instance, type }) => marks.push({ kind: "interrupted", at,
    what: "Spot interruption notice", lines: [`${instance} (${type})`] }));
  story.decisions.forEach((decision, row) => marks.push({ kind: kindOf(decision), row,
    table: "decisions", at: decision.at, what: decision.did, lines: decision.why,
    saw: decision.saw }));
  story.broken.forEach((breach, row) => marks.push({ kind: "broke", row, table: "broken",
    at: breach.at, what: `Promise ${breach.promise} was broken`, lines: [breach.text] }));
  marks.forEach((mark) => { mark.at = Math.max(0, Math.min(mark.at, story.end)); });
  return marks.sort((a, b) => a.at - b.at);
}

function drawMark(mark, x, y) {
  mark.x = x;
  mark.y = y;
  mark.drawn = drawn("g", { class: `mark ${mark.kind}`, role: "button", tabindex: "-1",
    transform: `translate(${x.toFixed(1)} ${y})`,
    "aria-label": [`${clock(mark.at)}: ${MEANINGS[mark.kind]}.`, `${mark.what}.`, ...mark.lines]
      .join(" ") },
  drawn("circle", { class: "ring", r: 9 }), drawn("path", { d: SHAPES[mark.kind] }));
  return mark.drawn;
}

const LETTER = 6.4; // about as wide as one is

/** What the load became, beside each mark that has room for it until the next. */
function drawLabels(row, place, middle) {
  return row.filter((mark) => mark.label).flatMap((mark, index, labelled) => {
    const x = mark.x + 9;
    const next = labelled[index + 1]?.x ?? Infinity;
    const room = Math.min(next - 7, place.right) - x;
    return mark.label.length * LETTER > room ? []
      : drawn("text", { class: "label", x, y: middle + 4 }, mark.label);
  });
}

/** The lanes from `top` down; answers where they end. */
function drawLanes(svg, marks, place, top) {
  let y = top;
  for (const lane of LANES) {
    const own = marks.filter((mark) => lane.kinds.flat().includes(mark.kind));
    if (!own.length) continue;
    svg.append(drawn("text", { class: "title", x: place.left, y: y + 12 }, lane.title));
    y += 18;
    const group = drawn("g", { role: "group", "aria-label": lane.title });
    for (const kinds of lane.kinds) {
      const row = own.filter((mark) => kinds.includes(mark.kind));
      if (!row.length) continue;
      const middle = y + LANE_ROW / 2;
      group.append(drawn("line", { class: "grid", x1: place.left, x2: place.right, y1: middle,
        y2: middle }));
      group.append(...row.map((mark) => drawMark(mark, place.x(mark.at), middle)),
        ...drawLabels(row, place, middle));
      y += LANE_ROW;
    }
    svg.append(group);
    y += 6;
  }
  return y;
}

/** One stop for Tab; arrows go from mark to mark. */
function walkByKeys(marks, choose) {
  const focus = (mark) => {
    for (const each of marks) each.drawn.setAttribute("tabindex", each === mark ? "0" : "-1");
    mark.drawn.focus({ preventScroll: true });
  };
  marks[0]?.drawn.setAttribute("tabindex", "0");
  marks.forEach((mark, index) => mark.drawn.addEventListener("keydown", (event) => {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: marks.length - 1 };
    if (event.key === "Enter" || event.key === " ") choose(mark);
    else if (!(event.key in to)) return;
    else focus(marks[Math.max(0, Math.min(marks.length - 1, to[event.key]))]);
    event.preventDefault();
  }));
}

function markLegend(marks) {
  const kinds = Object.keys(MEANINGS).filter((kind) => marks.some((mark) => mark.kind === kind));
  return element("ul", { class: "legend", "aria-label": "Marks" }, ...kinds.map((kind) =>
    element("li", {}, drawn("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" },
      drawn("g", { class: `mark ${kind}` }, drawn("path", { d: SHAPES[kind] }))),
    ` ${MEANINGS[kind]}`)));
}
