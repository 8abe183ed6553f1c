"""Runs chaos on every core: fresh seeds until the time is over, or a fixed number of seeds.

    python tools/soak.py PROGRAM [--minutes N | --seeds N] [--seed FROM]

A line says how it goes, and one at the end how many seeds and passes ran and how many seeds broke
a promise; each of those is printed with the command that replays it. Ends with 1 if there is any.
"""

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

AT_ONCE = 10  # seeds per call, which takes about half a second
TOLD_EVERY = 1.0  # seconds, on a terminal; a file gets a line per minute


@dataclass
class Tally:
    seeds: int = 0
    passes: int = 0
    broken: list[str] = field(default_factory=list)


def simulate(program: str, seed: int, seeds: int) -> dict:
    words = [program, "simulate", "chaos", "--output", "json", "--seed", str(seed)]
    done = subprocess.run(
        [*words, "--seeds", str(seeds)], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"soak: {' '.join(words)} ended with {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


class Soak:
    def __init__(self, program: str, starts: Iterator[int], minutes: float):
        self.program = program
        self.starts = starts
        self.began = time.monotonic()
        self.ends = self.began + 60 * minutes
        self.tally = Tally()
        self.lock = threading.Lock()

    def work(self) -> None:
        """At least once, however short the time is."""
        while True:
            with self.lock:
                start = next(self.starts, None)
            if start is None:
                return
            self.run(start)
            if time.monotonic() >= self.ends:
                return

    def run(self, start: int) -> None:
        told = simulate(self.program, start, AT_ONCE)["tallies"][0]
        with self.lock:
            self.tally.seeds += told["seeds"]
            self.tally.passes += told["passes"]
        if told["seeds_broken"] == 0:
            return
        for seed in range(start, start + AT_ONCE):
            for breach in simulate(self.program, seed, 1)["broken"][:1]:
                self.report(seed, breach)

    def report(self, seed: int, breach: dict) -> None:
        with self.lock:
            self.tally.broken.append(f"{breach['promise']} by seed {seed}")
            print(f"\nseed {seed} breaks {breach['promise']}: {breach['text']}")
            print(f"    {self.program} simulate chaos --seed {seed} --trace", flush=True)

    def summary(self) -> str:
        """In one line, which is all that some keep."""
        tally = self.tally
        rate = tally.passes / max(time.monotonic() - self.began, 1e-3)
        broken = f"{len(tally.broken)} ({', '.join(tally.broken)})" if tally.broken else "0"
        return f"{tally.seeds} seeds, {tally.passes} passes, {rate:.0f} passes/s, broken: {broken}"


def tell(soak: Soak, over: threading.Event) -> None:
    person = sys.stderr.isatty()
    while not over.wait(TOLD_EVERY if person else 60):
        line = soak.summary()
        if math.isfinite(soak.ends):
            line += f", {max(0, soak.ends - time.monotonic()) / 60:.1f} min to go"
        print(f"\r{line}\033[K" if person else line, end="" if person else "\n", file=sys.stderr)
        sys.stderr.flush()
    if person:
        print("\r\033[K", end="", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev soak", description="chaos, seed after seed")
    parser.add_argument("program", help=argparse.SUPPRESS)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=10, metavar="N", help="for how long [10]")
    length.add_argument("--seeds", type=int, metavar="N", help="how many seeds")
    parser.add_argument("--seed", type=int, metavar="FROM", help="[made from the time]")
    words = parser.parse_args()
    # From the time in seconds, with enough seeds for each second.
    first = int(time.time()) * 1000 if words.seed is None else words.seed
    jobs = int(os.environ.get("NODENAP_JOBS") or os.cpu_count() or 1)
    if words.seeds is None:
        length, minutes = f"for {words.minutes:g} min", words.minutes
        starts: Iterator[int] = itertools.count(first, AT_ONCE)
    else:
        length, minutes = f"{words.seeds} seeds", math.inf
        starts = iter(range(first, first + words.seeds, AT_ONCE))
    print(f"chaos from seed {first} on, {length}, on {jobs} cores", flush=True)
    soak = Soak(words.program, starts, minutes)
    over = threading.Event()
    teller = threading.Thread(target=tell, args=(soak, over))
    teller.start()
    try:
        with ThreadPoolExecutor(jobs) as pool:
            for worker in [pool.submit(soak.work) for _ in range(jobs)]:
                worker.result()
    finally:
        over.set()
        teller.join()
    print(soak.summary())
    return 1 if soak.tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
