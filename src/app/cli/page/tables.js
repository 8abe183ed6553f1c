// What a story came to, its decisions and its broken promises, as tables.

const AT_ONCE = 200; // rows; the rest waits behind a button

const waited = (story, seconds) => (story.waited_pods ? span(seconds) : "none waited");

const TOTALS = [
  ["launched", (story) => grouped(story.launches)],
  ["removed", (story) => grouped(story.removals)],
  ["node-hours", (story) => grouped(story.node_hours)],
  ["cost", (story) => cents(story.dollars)],
  ["pending time", (story) => `${grouped(story.pending_pod_seconds)} pod-seconds`],
  ["median wait", (story) => waited(story, story.median_wait_seconds)],
  ["longest wait", (story) => waited(story, story.longest_wait_seconds)],
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
  return story.rules === "article" ? "The baseline" : "Nodenap";
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

/** A table whose rows after the first 200 come when they are wanted. `look` is a row's class; rows
    that are "idle" wait for the box of filter(). */
class LongTable {
  constructor(kind, names, list, cells, look = () => "") {
    this.body = element("tbody");
    this.all = list.map((entry, index) => ({ index, look: look(entry), cells: () => cells(entry) }));
    this.names = names;
    const head = element("thead", {}, element("tr", {}, ...names.map((name) =>
      element("th", { scope: "col" }, name))));
    this.table = element("table", { class: `rows ${kind}` }, head, this.body);
    this.more = element("button", { type: "button" });
    this.more.addEventListener("click", () => this.add(this.list.length));
    this.showsAll = !this.all.some((each) => each.look === "did");
    this.onFilter = () => {};
    this.begin();
  }

  begin() {
    this.list = this.all.filter((each) => this.showsAll || each.look !== "idle");
    this.body.replaceChildren();
    this.add(AT_ONCE);
    this.more.textContent = `Show the other ${this.list.length - AT_ONCE} rows`;
  }

  add(until) {
    this.body.append(...this.list.slice(this.body.rows.length, until)
      .map((each) => row(each.look, this.names, each.cells())));
    this.more.hidden = this.body.rows.length >= this.list.length;
  }

  /** A box for the rows of passes that changed nothing. */
  filter() {
    this.box = element("input", { type: "checkbox" });
    this.box.checked = this.showsAll;
    this.box.addEventListener("change", () => this.show(this.box.checked));
    return element("label", { class: "filter" }, this.box, " Also passes without a change");
  }

  show(all) {
    this.showsAll = all;
    if (this.box) this.box.checked = all;
    this.begin();
    this.onFilter();
  }

  lead(index) {
    if (!this.list.some((each) => each.index === index)) this.show(true);
    const place = this.list.findIndex((each) => each.index === index);
    if (place >= this.body.rows.length) this.add(this.list.length);
    for (const shown of this.body.querySelectorAll(".shown")) shown.classList.remove("shown");
    const wanted = this.body.rows[place];
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
