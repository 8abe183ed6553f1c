// The panels: lines over one time axis. A sample is [at, alive, ready, running, waiting, $/h, CPU,
// [alive of each type of page.types]], and holds until the next.

const AT = 0;
const ALIVE = 1;
const READY = 2;
const RUNNING = 3;
const WAITING = 4;
const RATE = 5;
const CPU = 6;
const TYPES = 7;
const SPENT = 8; // added here: dollars until then

const PANELS = [
  { title: "Nodes", unit: "", height: 84, whole: true, lines: [
    { at: READY, name: "ready", look: "first" },
    { at: ALIVE, name: "alive (paid for)", look: "second dashed" }] },
  { title: "Pods", unit: "", height: 84, whole: true, lines: [
    { at: RUNNING, name: "running", look: "first", area: true },
    { at: WAITING, name: "waiting", look: "second dashed", area: true }] },
  { title: "CPU, last observed", unit: "%", height: 76, most: 100, lines: [
    { at: CPU, name: "CPU", look: "first" }] },
  { title: "Dollars an hour", unit: "$", height: 60, lines: [
    { at: RATE, name: "an hour", look: "first", area: true }] },
  { title: "Dollars in total", unit: "$", height: 60, lines: [
    { at: SPENT, name: "in total", look: "first", area: true, sloped: true }] },
];
const NAMES = { [ALIVE]: "nodes alive", [READY]: "nodes ready", [RUNNING]: "pods running",
  [WAITING]: "pods waiting", [RATE]: "dollars an hour", [CPU]: "CPU", [SPENT]: "dollars in total" };

const TYPE_LOOKS = 6;

/** The lines of the nodes by type, each from the top of the one below: the highest is drawn first. */
function typeLines(types) {
  return types.map(({ name }, type) => ({ name, look: `stack type-${type % TYPE_LOOKS}`,
    area: true, quiet: true,
    value: (row) => row[TYPES].slice(0, type + 1).reduce((a, b) => a + b, 0) })).reverse();
}

const typeWords = ({ name, price_per_hour_usd: price }) =>
  (price === null ? name : `${name} (${dollars(price)}/h)`);

const valueOf = (line, row) => (line.value ? line.value(row) : row[line.at]);

function shownValue(column, value) {
  if (value === null) return "unknown";
  if (column === RATE || column === SPENT) return dollars(value);
  return column === CPU ? `${value}%` : grouped(value);
}

function addSpent(story) {
  let spent = 0;
  let last = null;
  for (const row of story.samples) {
    if (last) spent += last[RATE] * (row[AT] - last[AT]) / 3600;
    row[SPENT] = spent;
    last = row;
  }
}

/** What held at that moment; dollars in total are counted up to it. */
function valuesAt(story, at) {
  const rows = story.samples;
  let low = 0;
  let high = rows.length - 1;
  if (high < 0) return null;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle][AT] <= at) low = middle;
    else high = middle - 1;
  }
  const row = [...rows[low]];
  row[SPENT] += row[RATE] * Math.max(0, at - row[AT]) / 3600;
  return row;
}

/** The next of 1, 2, 5, 10, … that leaves at most `most` steps. */
function niceStep(range, most, whole) {
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((each) => each * power >= rough) * power;
  return whole ? Math.max(1, step) : step;
}

const MINUTE = 60;
const HOUR = 3600;
const TIME_STEPS = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,
  2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR];

function timeStep(end, most) {
  return TIME_STEPS.find((step) => end / step <= most) ?? TIME_STEPS.at(-1);
}

/** The highest value of a panel in all stories: beside each other they must be on one scale. */
function highest(panel, stories) {
  let most = panel.most ?? 0;
  for (const story of stories) {
    const last = valuesAt(story, story.end);
    const rows = last ? [...story.samples, last] : [];
    const values = rows.flatMap((row) => panel.lines.map((line) => valueOf(line, row) ?? 0));
    most = values.reduce((a, b) => Math.max(a, b), most);
  }
  return most || 1;
}

/** A step for each change; a gap where the value is unknown. */
function linePath(story, line, x, y) {
  let path = "";
  let open = false;
  for (const [index, row] of story.samples.entries()) {
    const next = story.samples[index + 1];
    const until = x(next ? next[AT] : story.end);
    const value = valueOf(line, row);
    if (value === null) {
      open = false;
      continue;
    }
    const from = `${x(row[AT]).toFixed(1)} ${y(value).toFixed(1)}`;
    path += open ? `L${from}` : `M${from}`;
    path += line.sloped && next ? "" : `H${until.toFixed(1)}`;
    open = true;
  }
  if (!line.sloped || !story.samples.length) return path;
  const end = valueOf(line, valuesAt(story, story.end));
  return path.replace(/H[\d.]+$/, `L${x(story.end).toFixed(1)} ${y(end).toFixed(1)}`);
}

function areaPath(path, x, story, floor) {
  const first = story.samples.length ? x(story.samples[0][AT]).toFixed(1) : 0;
  return path && `${path}V${floor}H${first}Z`;
}

/** Spans in which the value of a column was unknown. */
function gaps(story, column) {
  const found = [];
  for (const [index, row] of story.samples.entries()) {
    if (row[column] !== null) continue;
    const until = story.samples[index + 1]?.[AT] ?? story.end;
    if (found.length && found.at(-1)[1] === row[AT]) found.at(-1)[1] = until;
    else found.push([row[AT], until]);
  }
  return found;
}

function tickText(panel, value) {
  if (panel.unit !== "$") return `${grouped(value)}${panel.unit}`;
  return `$${value.toFixed(value >= 10 || value === 0 ? 0 : 2)}`;
}

function drawGrid(panel, place, scale) {
  const group = drawn("g");
  const step = niceStep(scale.most, panel.height / 20, panel.whole);
  for (let value = 0; value <= scale.most * 1.001; value += step) {
    const y = scale.y(value);
    group.append(drawn("line", { class: value ? "grid" : "axis", x1: place.left, x2: place.right,
      y1: y, y2: y }));
    group.append(drawn("text", { x: place.left - 6, y: y + 4, "text-anchor": "end" },
      tickText(panel, value)));
  }
  return group;
}

function drawLimits(panel, place, scale) {
  const group = drawn("g");
  for (const [text, value, side] of panel.limits ?? []) {
    if (value <= 0 || value > scale.most) continue;
    const y = scale.y(value);
    group.append(drawn("line", { class: "limit", x1: place.left, x2: place.right, y1: y, y2: y }));
    group.append(drawn("text", { x: place.right, y: y + (side === "below" ? 13 : -4),
      "text-anchor": "end" }, text));
  }
  return group;
}

function drawLegend(panel, place) {
  const group = drawn("g");
  if (panel.lines.length === 1) return group;
  let x = place.left + panel.title.length * 8 + 16;
  for (const line of panel.lines.filter((each) => !each.quiet)) {
    group.append(drawn("line", { class: `line ${line.look}`, x1: x, x2: x + 20, y1: place.title - 4,
      y2: place.title - 4 }));
    group.append(drawn("text", { class: "key", x: x + 26, y: place.title }, line.name));
    x += 26 + line.name.length * 6.4 + 18;
  }
  return group;
}

/** One panel, from `place.title` (the base of its title) down to `place.floor`. */
function drawPanel(panel, story, stories, place) {
  const most = highest(panel, stories) * (panel.most ? 1 : 1.08);
  const scale = { most, y: (value) => place.floor - value / most * panel.height };
  const group = drawn("g", { role: "group", "aria-label": panel.title });
  group.append(drawGrid(panel, place, scale));
  for (const line of panel.lines) {
    for (const [from, until] of line.value ? [] : gaps(story, line.at)) {
      group.append(drawn("rect", { fill: "url(#unseen)", x: place.x(from), y: scale.y(most),
        width: place.x(until) - place.x(from), height: panel.height }));
    }
    const path = linePath(story, line, place.x, scale.y);
    if (line.area) {
      group.append(drawn("path", { class: `area ${line.look}`,
        d: areaPath(path, place.x, story, place.floor) }));
    }
    if (!line.quiet) group.append(drawn("path", { class: `line ${line.look}`, d: path }));
  }
  group.append(drawLimits(panel, place, scale));
  group.append(drawn("text", { class: "title", x: place.left, y: place.title }, panel.title));
  group.append(drawLegend(panel, place));
  return group;
}

function drawTimeAxis(story, place) {
  const group = drawn("g", { role: "group", "aria-label": "Time axis" });
  const step = timeStep(place.end, (place.right - place.left) / 62);
  for (let at = 0; at <= place.end; at += step) {
    const x = place.x(at);
    group.append(drawn("line", { class: "axis", x1: x, x2: x, y1: place.floor,
      y2: place.floor + 5 }));
    group.append(drawn("text", { x, y: place.floor + 18, "text-anchor": "middle" },
      clock(at).slice(0, -3)));
  }
  group.append(drawn("text", { x: place.right, y: place.floor + 35, "text-anchor": "end" },
    "Time since the beginning (hours:minutes)"));
  return group;
}
