// The moment that is looked at, by mouse, finger or keys: a line through all panels, and a tooltip.

const NEAR = 10; // pixels from which a mark is meant

const columnsOf = (panels) => panels.flatMap((panel) => panel.lines)
  .filter((line) => !line.value).map((line) => line.at);

function tipContent({ page, story, panels }, at, mark) {
  const parts = [element("div", { class: "at" }, clock(at))];
  if (mark) {
    parts.push(element("p", {}, element("strong", {}, mark.what)));
    parts.push(...mark.lines.map((line) => element("p", {}, line)));
    if (mark.saw) parts.push(element("p", { class: "hint" }, `Saw: ${mark.saw}`));
  }
  const row = valuesAt(story, at);
  if (row) {
    const values = columnsOf(panels).map((column) =>
      [NAMES[column], shownValue(column, row[column])]);
    const types = page.types.map((type, index) => [typeWords(type), grouped(row[TYPES][index])])
      .filter((_, index) => row[TYPES][index]);
    parts.push(element("dl", { class: "values" }, ...[...types, ...values].flatMap(
      ([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
  }
  return parts;
}

/** The tooltip of one figure. Where time is on the screen changes with the figure's width. */
class Cursor {
  constructor(page, story, panels, holder) {
    this.page = page;
    this.story = story;
    this.panels = panels;
    this.holder = holder;
    this.tip = element("div", { class: "tip", role: "tooltip", id: `tip-${story.rules}`,
      hidden: "" });
  }

  /** After each drawing: the line is part of the new picture. */
  begin(svg, place, marks) {
    this.place = place;
    this.marks = marks;
    this.line = drawn("line", { class: "cursor", y1: place.top, y2: place.floor,
      visibility: "hidden" });
    svg.append(this.line);
    for (const mark of marks) {
      mark.drawn.addEventListener("focus", () => this.show(mark.at, mark));
      mark.drawn.addEventListener("blur", () => this.hide());
    }
    const look = (event) => {
      const { left, top } = svg.getBoundingClientRect();
      this.lookAt(event.clientX - left, event.clientY - top);
    };
    svg.addEventListener("pointermove", look);
    svg.addEventListener("pointerdown", look);
    svg.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.hide();
    });
  }

  /** The mark that is meant: among the marks the nearest, below them the one of that moment. */
  nearest(x, y = Infinity) {
    const among = y < this.place.panels;
    let best = null;
    let least = NEAR;
    for (const mark of this.marks) {
      const away = among ? Math.hypot(mark.x - x, mark.y - y) : Math.abs(mark.x - x);
      if (away <= least) [best, least] = [mark, away];
    }
    return best;
  }

  lookAt(x, y) {
    const { left, right, end } = this.place;
    const inside = Math.max(left, Math.min(right, x));
    const mark = this.nearest(inside, y);
    this.show(mark ? mark.at : Math.round((inside - left) / (right - left) * end), mark);
  }

  show(at, mark = null) {
    const x = this.place.x(at);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
    this.line.setAttribute("visibility", "visible");
    this.tip.replaceChildren(...tipContent(this, at, mark));
    this.tip.hidden = false;
    if (mark) mark.drawn.setAttribute("aria-describedby", this.tip.id);
    this.put(x);
  }

  /** Beside the line and below the marks; above the plots where the window ends before. */
  put(x) {
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const room = this.holder.clientWidth - width;
    const beside = x + 14 <= room ? x + 14 : x - 14 - width;
    const holderTop = this.holder.getBoundingClientRect().top;
    const fits = holderTop + this.place.panels + height <= window.innerHeight;
    const above = Math.max(-height - 4, 4 - holderTop);
    this.tip.style.left = `${Math.max(0, Math.min(room, beside))}px`;
    this.tip.style.top = `${fits ? this.place.panels : above}px`;
  }

  hide() {
    this.tip.hidden = true;
    this.line.setAttribute("visibility", "hidden");
  }
}

/** A slider below the plots: for keys and fingers, read aloud as it moves. */
function scrubber(story, cursor) {
  const range = element("input", { type: "range", class: "scrub", min: 0, max: story.end, step: 30,
    value: 0, "aria-label": "Point in time" });
  const look = () => {
    const at = Number(range.value);
    const row = valuesAt(story, at) ?? [];
    const words = columnsOf(cursor.panels).map((column) =>
      `${NAMES[column]} ${shownValue(column, row[column] ?? null)}`);
    range.setAttribute("aria-valuetext", `${clock(at)}: ${words.join(", ")}`);
    cursor.show(at, cursor.nearest(cursor.place.x(at)));
  };
  range.addEventListener("input", look);
  range.addEventListener("focus", () => { if (range.matches(":focus-visible")) look(); });
  range.addEventListener("blur", () => cursor.hide());
  return range;
}
