"""The page of `nodenap simulate --html` in a browser."""

import json
import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from browser import Browser, need_browser
from selenium.webdriver.common.keys import Keys

from stand.world import REPOSITORY, program

SCENARIOS = sorted(path.stem for path in (REPOSITORY / "scenarios").glob("*.toml"))
NASTY = """
[scenario]
name = "</script><img src=x onerror=alert(1)>"
about = "<!-- <script>alert(2)</script> & more"
length = "30m"
[[step]]
at = "5m"
deployment = "<b>web</b>"
replicas = 30
cpu_millicores = 500
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    need_browser()
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def simulate(scenario: str, *more: str) -> str:
    words = [program("nodenap"), "simulate", scenario, *more]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def file_of(name: str) -> str:
    return name if name == "chaos" else str(REPOSITORY / "scenarios" / f"{name}.toml")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Makes the page of a scenario, once."""
    folder = tmp_path_factory.mktemp("pages")

    def make(name: str, *more: str) -> Path:
        made = folder / f"{name}{''.join(more).replace('/', '')}.html"
        if not made.exists():
            simulate(file_of(name), *more, "--html", str(made))
        return made

    return make


def texts(browser: Browser, selector: str) -> list[str]:
    return [one.text for one in browser.all(selector)]


def clock(json_time: str, begin: str) -> str:
    """A time of the JSON relative to the start of the run, as on the page."""
    passed = datetime.fromisoformat(json_time) - datetime.fromisoformat(begin)
    seconds = int(passed.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def test_it_shows_the_scenario_and_the_result(browser, page):
    browser.open(page("burst", "--seed", "7"))
    assert browser.driver.title == "burst, seed 7 · Nodenap"
    assert browser.one("h1").text == "burst"
    assert "50 pods of half a core" in browser.one("#about").text
    assert browser.one("#verdict").text == "✓ All promises were kept · seed 7 · 2 h"
    told = json.loads(simulate(file_of("burst"), "--seed", "7", "--output", "json"))
    totals = dict(zip(texts(browser, ".totals dt"), texts(browser, ".totals dd"), strict=True))
    assert totals["launched"] == str(told["launches"])
    assert totals["removed"] == str(told["removals"])
    assert totals["passes"] == str(told["passes"])
    assert totals["cost"] == f"${told['dollars']:.2f}"
    assert totals["node-hours"] == f"{told['node_hours']:.1f}".removesuffix(".0")
    assert totals["pending time"] == f"{told['pending_pod_seconds']:,.0f} pod-seconds"
    longest = divmod(int(told["longest_wait_seconds"]), 60)
    shown = re.findall(r"\d+", totals["longest wait"])
    assert [int(one) for one in shown] == [one for one in longest if one]


def test_the_command_on_the_page_makes_the_page_again(browser, page, tmp_path):
    first = page("burst", "--seed", "7")
    browser.open(first)
    words = browser.one("#command").text.split()
    assert words[:2] == ["nodenap", "simulate"]
    simulate(*words[2:], "--html", str(tmp_path / "again.html"))
    assert (tmp_path / "again.html").read_bytes() == first.read_bytes()


def test_each_plot_has_its_title_its_legend_and_its_axes(browser, page):
    browser.open(page("burst"))
    assert texts(browser, "svg .title") == [
        "Nodes",
        "Pods",
        "CPU, last observed",
        "Dollars an hour",
        "Dollars in total",
        "Load",
        "Decisions",
    ]
    assert texts(browser, "svg .key") == ["ready", "alive (paid for)", "running", "waiting"]
    plot = browser.one("svg[role=group]").text
    for label in ("Time since the beginning (hours:minutes)", "01:00", "100%", "$0", "at least 2"):
        assert label in plot, label
    legend = texts(browser, ".legend li")
    assert legend[:3] == ["load changed", "launched nodes", "removed a node"]
    names = [one.get_attribute("aria-label") for one in browser.all("svg g[role=group]")]
    assert {"Nodes", "Pods", "Load", "Decisions", "Time axis"} <= set(names)


def test_the_mouse_on_a_mark_shows_its_reason(browser, page):
    browser.open(page("burst"))
    assert not browser.one(".tip").is_displayed()
    browser.hover(browser.one(".plot .mark.launched[aria-label*='unschedulable pod']"))
    tip = browser.one(".tip")
    assert tip.is_displayed()
    assert tip.get_attribute("role") == "tooltip"
    assert "launched i-" in tip.text and "unschedulable pod" in tip.text
    assert "pods waiting" in tip.text and "dollars an hour" in tip.text
    browser.hover(browser.one("h1"))
    assert not tip.is_displayed()


def test_the_keys_show_the_same_and_lead_to_the_row(browser, page):
    browser.open(page("burst"))
    mark = browser.one(".plot .mark.launched")
    browser.hover(mark)
    by_mouse = browser.one(".tip").text
    browser.hover(browser.one("h1"))
    for _ in range(20):
        browser.press(Keys.TAB)
        if "mark" in (browser.focused().get_attribute("class") or ""):
            break
    for _ in range(len(browser.all(".plot .mark"))):
        if browser.focused() == mark:
            break
        browser.press(Keys.ARROW_RIGHT)
    assert browser.focused() == mark
    assert browser.one(".tip").is_displayed()
    assert browser.one(".tip").text == by_mouse
    assert mark.get_attribute("aria-describedby") == browser.one(".tip").get_attribute("id")
    assert "launched nodes" in mark.get_attribute("aria-label")
    browser.press(Keys.ENTER)
    row = browser.focused()
    assert row.tag_name == "tr" and "launched i-" in row.text
    browser.press(Keys.ESCAPE)


def test_the_slider_reads_any_moment_aloud(browser, page):
    browser.open(page("burst"))
    slider = browser.one("input[type=range]")
    browser.run("arguments[0].focus()", slider)
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert slider.get_attribute("aria-valuetext").startswith("00:01:00: nodes ready 2")
    assert browser.one(".tip .at").text == "00:01:00"
    browser.press(Keys.ESCAPE)
    assert not browser.one(".tip").is_displayed()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_rows_are_the_decisions_of_the_json(browser, page, name):
    browser.open(page(name))
    browser.one(".filter input").click()
    for more in browser.all("button"):
        if more.is_displayed():
            more.click()
    told = json.loads(simulate(file_of(name), "--output", "json"))
    begin = told["samples"][0]["at"]
    shown = browser.run(
        "return [...document.querySelectorAll('.decisions tbody tr')].map((row) =>"
        "  [row.cells[0].textContent, row.cells[2].textContent,"
        "   [...row.cells[3].querySelectorAll('p')].map((p) => p.textContent)])"
    )
    assert len(shown) == len(told["decisions"]) > 0
    for (at, did, why), decision in zip(shown, told["decisions"], strict=True):
        assert at == clock(decision["now"], begin)
        assert why == [reason["text"] for reason in decision["reasons"]]
        for effect in decision.get("done", []):
            assert (effect["error"] or effect["id"]) in did
        assert decision.get("done") or did.startswith("nothing")


def test_passes_without_a_change_are_shown_only_where_wanted(browser, page):
    browser.open(page("burst"))
    shown = texts(browser, ".decisions tbody tr")
    assert shown and all("launched i-" in text or "terminated i-" in text for text in shown)
    assert not browser.all(".plot .mark.said")
    browser.one(".filter input").click()
    assert len(browser.all(".decisions tbody tr")) > len(shown)
    browser.run("arguments[0].focus()", browser.one(".plot .mark.said"))
    browser.press(Keys.ENTER)
    assert browser.focused().is_displayed() and "nothing" in browser.focused().text


def test_nodes_are_stacked_by_type_with_their_prices(browser, page):
    browser.open(page("spot-storm"))
    told = json.loads(simulate(file_of("spot-storm"), "--output", "json"))
    types = sorted({name for sample in told["samples"] for name in sample["types"]})
    legend = texts(browser, ".legend.types li")
    assert [text.split()[0] for text in legend] == types
    assert all(re.search(r"\(\$0\.\d{4}/h\)$", text) for text in legend)
    assert len(browser.all("svg path.area.stack")) == len(types)
    assert types[0] in browser.one(".decisions tbody").text


def test_interruptions_are_marks_and_load_changes_have_labels(browser, page):
    browser.open(page("spot-storm"))
    told = json.loads(simulate(file_of("spot-storm"), "--output", "json"))
    marks = browser.all(".plot .mark.interrupted")
    assert len(marks) == len(told["interruptions"]) > 0
    browser.hover(marks[0])
    assert told["interruptions"][0]["instance_id"] in browser.one(".tip").text
    labels = texts(browser, "svg .label")
    assert labels and all(re.fullmatch(r"[\w-]+: [\d,]+", text) for text in labels)


def test_broken_promises_are_named_in_red(browser, page):
    browser.open(page("chaos", "--seed", "3", "--compare", "article"))
    article = browser.one("#article")
    assert "Broken promises" in article.text
    assert "records no decisions" in article.text
    rows = browser.all("#article .bad-table tbody tr")
    marks = browser.all("#article .plot .mark.broke")
    assert rows and marks
    assert texts(browser, ".compared thead th")[1:] == ["Nodenap", "The baseline"]
    assert "none" in browser.one(".compared tbody tr").text
    browser.hover(marks[0])
    assert "was broken" in browser.one("#article .tip").text
    red = browser.run("return getComputedStyle(arguments[0].querySelector('path')).fill", marks[0])
    r, g, b = (int(part) for part in red[4:-1].split(","))
    assert r > 2 * max(g, b), red


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser, page, scheme, width):
    script = (Path(__file__).parent / "contrast.js").read_text()
    grounds = set()
    for made in (page("spot-storm"), page("chaos", "--seed", "3", "--compare", "article")):
        browser.open(made, width, scheme)
        browser.hover(browser.one(".plot .mark.launched"))
        found = browser.run(script)
        assert len(found) > 100
        assert not [one for one in found if one[1] < 4.5]
        grounds.add(browser.run("return getComputedStyle(document.body).backgroundColor"))
    assert grounds == {"rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 27)"}


@pytest.mark.parametrize("width", [1280, 700, 390, 320])
def test_nothing_is_wider_than_the_window(browser, page, width):
    for made in (page("office-day"), page("chaos", "--seed", "3", "--compare", "article")):
        browser.open(made, width)
        assert browser.run("return document.documentElement.scrollWidth") <= width
        outside = browser.run(
            "return [...document.querySelectorAll('svg text')].filter((one) => {"
            "  const box = one.getBoundingClientRect();"
            "  return box.left < 0 || box.right > innerWidth; }).map((one) => one.textContent)"
        )
        assert not outside


def test_no_network_is_used_and_the_console_is_empty(browser, page):
    for name in ("blind", "never-join"):
        made = page(name)
        browser.open(made)
        browser.hover(browser.one(".plot .mark"))
        assert browser.requests() == [made.as_uri()]
        assert browser.complaints() == []


def test_names_are_never_markup(browser, tmp_path):
    scenario = tmp_path / "nasty.toml"
    scenario.write_text(NASTY)
    simulate(str(scenario), "--html", str(tmp_path / "page.html"))
    browser.open(tmp_path / "page.html")
    assert browser.one("h1").text == "</script><img src=x onerror=alert(1)>"
    assert browser.one("#about").text == "<!-- <script>alert(2)</script> & more"
    browser.hover(browser.one(".plot .mark.load"))
    assert "<b>web</b>: 30 replicas" in browser.one(".tip").text
    assert not browser.all("img") and not browser.all("main b")
    assert browser.complaints() == []


def test_days_stay_small_and_their_rows_wait_behind_a_button(browser, tmp_path):
    scenario = tmp_path / "days.toml"
    steps = "".join(
        f'[[step]]\nat = "{hour}h"\ndeployment = "web"\nreplicas = {4 + hour % 2 * 20}\n'
        "cpu_millicores = 500\n"
        for hour in range(48)
    )
    scenario.write_text(f'[scenario]\nname = "days"\nlength = "2d"\n{steps}')
    made = tmp_path / "days.html"
    simulate(str(scenario), "--html", str(made))
    assert made.stat().st_size < 2_000_000
    told = json.loads(simulate(str(scenario), "--output", "json"))
    browser.open(made)
    browser.one(".filter input").click()
    assert len(told["decisions"]) > 200 == len(browser.all(".decisions tbody tr"))
    browser.one(".decisions + button").click()
    assert len(browser.all(".decisions tbody tr")) == len(told["decisions"])
    assert not browser.one(".decisions + button").is_displayed()
