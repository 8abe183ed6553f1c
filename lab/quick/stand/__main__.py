"""The stand from the command line.

  python -m stand up [PEER…] [--state DIR]      starts peers (default: all) and prints their URLs
  python -m stand down [PEER…] [--state DIR]    stops them (default: all that this stand started)
  python -m stand status [--state DIR]          what runs where, as JSON
"""

import argparse
import json
import sys
import time
from pathlib import Path

from stand.peers import RECIPES
from stand.process import PeerFailed
from stand.stand import Stand


def main() -> int:
    arguments = _arguments()
    stand = Stand(arguments.state)
    if arguments.verb == "up":
        return _up(stand, arguments.peers)
    if arguments.verb == "down":
        for name in stand.down(arguments.peers, keep=arguments.keep):
            print(f"{name} stopped")
        return 0
    running = {name: stand.url(name) for name in RECIPES if stand.is_up(name)}
    print(json.dumps({"folder": str(stand.folder), "peers": running}, indent=2))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="stand", description="Nodenap's quick stand: its servers on this machine"
    )
    parser.add_argument("verb", choices=("up", "down", "status"))
    parser.add_argument("peers", nargs="*", metavar="PEER", help=" ".join(RECIPES))
    parser.add_argument("--state", type=Path, metavar="DIR", help="the stand's folder")
    parser.add_argument("--keep", action="store_true", help="down: keep the servers' data")
    return parser.parse_args()


def _up(stand: Stand, names: list[str]) -> int:
    began = time.monotonic()
    try:
        stand.up(names)
    except PeerFailed as failure:
        print(f"stand: {failure}", file=sys.stderr)
        return 1
    for name in RECIPES:
        if stand.is_up(name):
            print(f"{name:13} {stand.url(name)}")
    print(f"up in {time.monotonic() - began:.1f} s; state and logs in {stand.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
