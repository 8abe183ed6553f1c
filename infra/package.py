"""The function's zip: the built program and its configuration."""

import hashlib
import pathlib
import re
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = "bootstrap"
CONFIGURATION = "nodenap.toml"
# Lambda uses the modes in the zip: the program must be executable, both readable by all.
MODES = {PROGRAM: 0o755, CONFIGURATION: 0o644}
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a fixed time: the same content makes the same zip


class NoProgram(Exception):
    """The built zip is missing or has no program; the text says what to do."""


def read_program(path: pathlib.Path) -> bytes:
    """The program's bytes from the output of `./dev lambda`."""
    try:
        with zipfile.ZipFile(path) as built:
            return built.read(PROGRAM)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise NoProgram(f"{path}: {error}; build it with ./dev lambda ARCHITECTURE") from error


def write_zip(target: pathlib.Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.external_attr = (0o100000 | MODES[name]) << 16
            entry.create_system = 3  # Unix, else modes are ignored
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)


def make_zip(built: str, configuration: str, name: str) -> str:
    """Path of a zip with the program of `built` and the configuration.

    `built` is relative to this folder. The zip is written next to it, named by the function's
    `name` and the digest of its content: Pulumi reads it after this program has ended, and two
    stacks may be deployed at once. Older ones of the same name are deleted.
    """
    source = (HERE / built).resolve()
    files = {PROGRAM: read_program(source), CONFIGURATION: configuration.encode()}
    digest = hashlib.sha256(b"\0".join(files.values())).hexdigest()[:16]
    target = source.with_name(f"{name}-{digest}.zip")
    write_zip(target, files)
    for old in source.parent.glob(f"{name}-*.zip"):
        if old != target and re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{16}}\.zip", old.name):
            old.unlink()
    return str(target)
