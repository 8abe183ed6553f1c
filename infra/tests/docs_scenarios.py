"""The output of `nodenap simulate` for each scenario, shortened for its page in docs/scenarios/."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))
FIRST_ROWS, LAST_ROWS = 6, 2  # are always kept
WIDEST = 150  # columns of a line; longer ones end with an ellipsis


def page_of(name: str) -> str:
    return f"docs/scenarios/{name}.md"


def simulate(program: str, name: str, *more: str) -> str:
    command = [program, "simulate", f"scenarios/{name}.toml", *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def narrow(line: str) -> str:
    return line if len(line) <= WIDEST else line[: WIDEST - 2].rstrip() + " …"


def trimmed(text: str) -> str:
    """Keeps headings and totals completely; of the decisions those with actions, the first and
    the last, and the number of omitted ones between them."""
    lines = [line.rstrip() for line in text.splitlines()]
    head = next(at for at, line in enumerate(lines) if re.match(r"TIME  +DID", line)) + 1
    end = lines.index("", head)
    rows = lines[head:end]
    did = slice(lines[head - 1].index("DID"), lines[head - 1].index("WHY"))
    kept, left_out = [], 0
    for at, row in enumerate(rows):
        if FIRST_ROWS <= at < len(rows) - LAST_ROWS and not row[did].strip():
            left_out += 1
            continue
        if left_out:
            kept.append("   …" if left_out == 1 else f"   … {left_out} more …")
            left_out = 0
        kept.append(row)
    whole = lines[:head] + kept + lines[end:]
    return "\n".join(narrow(line) for line in whole).strip()


def story(program: str, name: str) -> str:
    command = f"$ nodenap simulate scenarios/{name}.toml"
    return f"```\n{command}\n{trimmed(simulate(program, name))}\n```"


def compared(program: str, name: str) -> str:
    told = simulate(program, name, "--compare", "article")
    lines = [narrow(line.rstrip()) for line in told.strip().splitlines()]
    command = f"$ nodenap simulate scenarios/{name}.toml --compare article"
    return "\n".join(["```", command, *lines, "```"])
