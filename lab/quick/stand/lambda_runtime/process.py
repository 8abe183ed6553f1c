"""The process of one execution environment: its output, memory and CPU time."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Process:
    """output is appended to the log; on_exit gets the exit code (negative: the signal)."""

    def __init__(
        self,
        argv: list[str],
        environment: dict[str, str],
        log: Path,
        on_exit: Callable[[int], None],
    ) -> None:
        with log.open("ab") as out:
            self._process = subprocess.Popen(argv, env=environment, stdout=out, stderr=out)
        self.pid = self._process.pid
        self.exit_code: int | None = None
        threading.Thread(target=self._watch, args=(on_exit,), daemon=True).start()

    def _watch(self, on_exit: Callable[[int], None]) -> None:
        self.exit_code = self._process.wait()
        on_exit(self.exit_code)

    def peak_memory_kb(self) -> int | None:
        """VmHWM: its maximum resident memory."""
        for line in self._read("status").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1])
        return None

    def cpu_ms(self) -> float | None:
        """User and system time so far, in steps of the kernel's tick (10 ms)."""
        fields = self._read("stat").rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) * 1000 / TICKS_A_SECOND if fields else None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.exit_code is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return  # it has already exited

    def _read(self, name: str) -> str:
        try:
            return Path(f"/proc/{self.pid}/{name}").read_text()
        except OSError:
            return ""
