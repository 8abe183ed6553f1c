"""The paths of installed parts, and the environment of servers."""

import os
import shutil
import sys
from pathlib import Path

REGION = "us-east-1"
ACCOUNT = "123456789012"
PACKAGE_PARENT = Path(__file__).resolve().parent.parent  # the folder to put on PYTHONPATH
TEMPLATES = Path(__file__).resolve().parent / "templates"


def cache() -> Path:
    return Path(os.environ.get("NODENAP_CACHE") or Path.home() / ".cache" / "nodenap")


def python() -> str:
    """The interpreter that has moto and boto3."""
    own = cache() / "venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def node() -> str:
    own = cache() / "venv-tools" / "bin" / "node"
    return str(own) if own.exists() else shutil.which("node") or "node"


def ministack() -> str:
    return str(cache() / "venv-ministack" / "bin" / "ministack")


def dynalite() -> str:
    return str(cache() / "node" / "node_modules" / "dynalite" / "cli.js")


def toxiproxy() -> str:
    return str(cache() / "bin" / "toxiproxy-server")


def debian_program(part: str, path: str) -> str:
    return str(cache() / f"debian-{part}" / path)


def debian_libraries(part: str) -> str:
    folders = (cache() / f"debian-{part}" / "usr" / "lib").glob("*-linux-gnu*")
    return ":".join(str(folder) for folder in folders)


def clean_environment(**extra: str) -> dict[str, str]:
    """The caller's environment without variables that would affect a server: the user's AWS
    account, certificates and proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("AWS_")
        and not name.upper().endswith(("_PROXY", "CA_BUNDLE", "CA_CERTS"))
    }
    return {**kept, **extra}
