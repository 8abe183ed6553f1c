"""Parses documents: their fenced blocks, and the commands of shell blocks.

It supports the syntax used there: continued lines, here-documents, pipes, redirections, comments,
leading assignments, and $(…). Its own tests are below.
"""

import re
import shlex
from dataclasses import dataclass

import pytest

SHELLS = ("sh", "console")
ENDS = {"|", "||", "&&", ";", "&"}
HEREDOC = r"<<'(\w+)'"
ASSIGNMENT = r"[A-Za-z_]\w*=.*"
SUBSTITUTED = "$SUBSTITUTED"


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int  # line number of its fence, from 1


def blocks(document: str) -> list[Block]:
    found, opened, lines = [], None, []
    for number, line in enumerate(document.splitlines(), 1):
        fence = re.fullmatch(r"```(\w*)", line)
        if fence and opened is None:
            opened, lines = (fence.group(1), number), []
        elif fence:
            found.append(Block(opened[0], "\n".join(lines), opened[1]))
            opened = None
        else:
            lines.append(line)
    assert opened is None, f"the fence of line {opened} is not closed"
    return found


def prose(document: str) -> str:
    """The document without its fenced blocks, line for line."""
    inside, kept = False, []
    for line in document.splitlines():
        fence = line.startswith("```")
        kept.append("" if fence or inside else line)
        inside = inside != fence
    return "\n".join(kept)


def script_of(block: Block) -> str:
    """The commands to type. In a block without a language, lines with a prompt or ./dev."""
    if block.language in SHELLS and not block.text.startswith("$ "):
        return block.text
    typed = [line for line in block.text.splitlines() if re.match(r"\$ |\./", line)]
    return "\n".join(line.removeprefix("$ ") for line in typed)


def heredocs(script: str) -> list[str]:
    return [text for _, text in re.findall(rf"{HEREDOC}[^\n]*\n(.*?)^\1$", script, re.M | re.S)]


def without_heredocs(script: str) -> str:
    return re.sub(rf"{HEREDOC}([^\n]*\n).*?^\1$", r"\2", script, flags=re.M | re.S)


def substitutions(text: str) -> tuple[str, list[str]]:
    """The text with a word instead of each $(…), and their contents."""
    inner = []
    while (begin := text.find("$(")) >= 0:
        depth, end = 1, begin + 2
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        inner.append(text[begin + 2 : end - 1])
        text = text[:begin] + SUBSTITUTED + text[end:]
    return text, inner


def tokens(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)


def simple_commands(words: list[str]) -> list[list[str]]:
    """Cut at pipes and the like; redirections and their targets are dropped."""
    found, rest = [[]], iter(words)
    for word in rest:
        if word in ENDS:
            found.append([])
        elif set(word) <= set("<>&"):
            next(rest)
        else:
            found[-1].append(word)
    return found


def without_assignments(words: list[str]) -> list[str]:
    first = next((at for at, one in enumerate(words) if not re.fullmatch(ASSIGNMENT, one)), None)
    return [] if first is None else words[first:]


def commands(script: str) -> list[list[str]]:
    """The words of each simple command, including those within $(…)."""
    text, inner = substitutions(without_heredocs(script))
    text = re.sub(r"(\\|(\|))\n", r"\2 ", text)
    found = [one for line in text.splitlines() for one in simple_commands(tokens(line))]
    own = [words for words in map(without_assignments, found) if words]
    return own + [words for one in inner for words in commands(one)]


def flags_of(words: list[str]) -> list[str]:
    return [word.split("=")[0] for word in words if word.startswith("--")]


def unknown(kind: str, given: list[str], known) -> list[str]:
    """An error for each of `given` that is unknown."""
    return [f"{kind} {one} is not known" for one in given if one not in known]


CASES = [
    ("nodenap plan", [["nodenap", "plan"]]),
    ("# a word\nnodenap plan  # another", [["nodenap", "plan"]]),
    ("aws ec2 \\\n    --query 'a | b'", [["aws", "ec2", "--query", "a | b"]]),
    ("a b |\n  c > d 2>&1 && e", [["a", "b"], ["c", "2"], ["e"]]),
    ("x=$(aws a --b)", [["aws", "a", "--b"]]),
    ('eval "$(pulumi up)" | tr a b', [["eval", SUBSTITUTED], ["tr", "a", "b"], ["pulumi", "up"]]),
    ("A=1 python b.py", [["python", "b.py"]]),
    ("kubectl apply -f - <<'Y'\nkind: x\nY\nnext", [["kubectl", "apply", "-f", "-"], ["next"]]),
]


@pytest.mark.parametrize(("script", "wanted"), CASES)
def test_commands_of_a_script(script, wanted):
    assert commands(script) == wanted


def test_blocks_and_what_is_typed_in_them():
    document = "a\n```sh\nb\n```\nc\n```\n$ d e\nf\n./dev g\n```\n"
    assert [(one.language, one.line) for one in blocks(document)] == [("sh", 2), ("", 6)]
    assert [script_of(one) for one in blocks(document)] == ["b", "d e\n./dev g"]
    assert prose(document).split() == ["a", "c"]


def test_heredocs():
    assert heredocs("x <<'Y'\na: 1\nb: 2\nY\nz") == ["a: 1\nb: 2\n"]
