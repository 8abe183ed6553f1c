"""Each relative link of each page leads to an existing file and heading."""

import pathlib
import re
import subprocess

import pytest
from test_docs_shell import prose

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = r"\]\(([^)\s]+)\)"


def pages() -> list[pathlib.Path]:
    command = ["git", "ls-files", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


PAGES = pages()


def anchors(text: str) -> list[str]:
    """Like GitHub's: a repeated heading gets a number."""
    made: list[str] = []
    for line in prose(text).splitlines():
        if heading := re.match(r"#+ (.*)", line):
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            made.append(re.sub(r"[^\w -]", "", plain).replace(" ", "-"))
    twice = {one for one in made if made.count(one) > 1}
    assert not twice, f"headings that are there twice: {twice}"
    return made


def broken(page: pathlib.Path, text: str) -> list[str]:
    found = []
    for link in re.findall(LINK, prose(text)):
        target, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        path = page.parent / target if target else page
        if not path.exists():
            found.append(link)
        elif anchor and anchor not in anchors(text if path == page else path.read_text()):
            found.append(link)
    return found


def test_there_are_pages():
    assert len(PAGES) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_has_a_target(page):
    assert broken(page, page.read_text()) == []


def test_each_page_of_docs_can_be_reached_from_readme():
    seen, rest = set(), [ROOT / "README.md"]
    while rest:
        page = rest.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = [one.partition("#")[0] for one in re.findall(LINK, prose(page.read_text()))]
        rest += [page.parent / one for one in links if one and "://" not in one]
    docs = [page for page in PAGES if page.is_relative_to(ROOT / "docs")]
    assert [page for page in docs if page.resolve() not in seen] == []


TEXT = (
    "# One heading\n[a](#one-heading) [b](b.md) [c](#two) [d](https://e.f)\n"
    "```\n[g](h.md)\n```\n"
)


def test_broken_links_are_found(tmp_path):
    page = tmp_path / "a.md"
    page.write_text(TEXT)
    assert broken(page, TEXT) == ["b.md", "#two"]
    (tmp_path / "b.md").write_text("# B\n")
    assert broken(page, TEXT.replace("b.md", "b.md#b")) == ["#two"]
