// What a story came to, its decisions and its broken promises, as tables.

const AT_ONCE = 200; // rows; the rest waits behind a button

const TOTALS = [
  ["launched", (story) => grouped(story.launches)],
  ["removed", (story) => grouped(story.removals)],
  ["node-hours", (story) => grouped(story.node_hours)],
  ["dollars", (story) => dollars(story.dollars)],
  ["pending time", (story) => `${grouped(story.pending_pod_seconds)} s`],
  ["passes", (story) => grouped(story.passes)],
];

function totals(story) {
  return element("dl", { class: "totals" }, ...TOTALS.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value(story)))));
}

/** Both rules beside each other, on the same dice. */
function comparison(stories) {
  const rows = [["promises broken", (story) => brokenWords(story)], ...TOTALS];
  return element("table", { class: "compared" },
    element("caption", {}, "The same load, faults and dice under the rules of both"),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, ""),
      ...stories.map((story) => element("th", { scope: "col" }, ruler(story))))),
    element("tbody", {}, ...rows.map(([name, value]) => element("tr", {},
      element("th", { scope: "row" }, name),
      ...stories.map((story) => element("td", {}, value(story)))))));
}

function ruler(story) {
  return story.rules === "article" ? "The article's scaler" : "Nodenap";
}

/** "none", or "I10 9 times, L3 once". */
function brokenWords(story) {
  const times = new Map();
  for (const { promise } of story.broken) times.set(promise, (times.get(promise) ?? 0) + 1);
  const words = [...times].map(([promise, count]) =>
    `${promise} ${count === 1 ? "once" : `${grouped(count)} times`}`);
  return words.join(", ") || "none";
}

function row(look, names, cells) {
  return element("tr", { tabindex: "-1", class: look }, ...cells.map((cell, index) =>
    element("td", { "data-name": names[index] }, ...[cell].flat())));
}

/** A table whose rows after the first 200 come when they are wanted. */
class LongTable {
  constructor(kind, names, list, cells, look = () => "") {
    this.body = element("tbody");
    this.make = (entry) => row(look(entry), names, cells(entry));
    this.list = list;
    const head = element("thead", {}, element("tr", {}, ...names.map((name) =>
      element("th", { scope: "col" }, name))));
    this.table = element("table", { class: `rows ${kind}` }, head, this.body);
    this.add(AT_ONCE);
    this.more = element("button", { type: "button" },
      `Show the other ${list.length - AT_ONCE} rows`);
    this.more.hidden = list.length <= AT_ONCE;
    this.more.addEventListener("click", () => this.addAll());
  }

  add(until) {
    this.body.append(...this.list.slice(this.body.rows.length, until).map(this.make));
  }

  /** A box that leaves only the rows in which something was done. */
  filter() {
    this.box = element("input", { type: "checkbox" });
    this.box.addEventListener("change", () =>
      this.table.classList.toggle("only-done", this.box.checked));
    return element("label", { class: "filter" }, this.box, " Only where something was done");
  }

  showAll() {
    if (this.box) this.box.checked = false;
    this.table.classList.remove("only-done");
  }

  addAll() {
    this.add(this.list.length);
    this.more.hidden = true;
  }

  lead(index) {
    if (index >= this.body.rows.length) this.addAll();
    this.showAll();
    for (const shown of this.body.querySelectorAll(".shown")) shown.classList.remove("shown");
    const wanted = this.body.rows[index];
    wanted.classList.add("shown");
    wanted.scrollIntoView({ block: "center" });
    wanted.focus({ preventScroll: true });
  }
}

/** An instance's id is not broken in two at its hyphen. */
function wholeIds(text) {
  return text.split(/(i-\S+)/).map((part, index) =>
    index % 2 ? element("span", { class: "whole" }, part) : part);
}

function decisionTable(story) {
  const why = (lines) => lines.map((line) => element("p", {}, line));
  return new LongTable("decisions", ["Time", "Saw", "Did", "Why"], story.decisions,
    (decision) => [clock(decision.at), decision.saw, wholeIds(decision.did), why(decision.why)],
    (decision) => (kindOf(decision) === "said" ? "idle" : "did"));
}

function brokenTable(story) {
  return new LongTable("bad-table", ["Time", "Promise", "What happened"], story.broken,
    (breach) => [clock(breach.at), breach.promise, breach.text]);
}
