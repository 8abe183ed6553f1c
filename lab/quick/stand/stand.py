"""A stand: a folder with a state.json of its servers, and their logs."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stand import places, ports, process
from stand.http import request_json
from stand.peers import FRONTED, PORTS, RECIPES


class Stand:
    def __init__(self, folder: Path | None = None, *, any_ports: bool = False) -> None:
        """any_ports: no preferred ports, so that parallel runs do not conflict: a proxy that a
        test has switched off frees its port."""
        self._any_ports = any_ports
        self.folder = Path(folder) if folder else places.cache() / "stand"
        self._file = self.folder / "state.json"
        self.state = {"version": 1, "ports": {}, "peers": {}}
        if self._file.exists():
            self.state = json.loads(self._file.read_text())

    def up(self, names: list[str] | None = None) -> None:
        """Starts the named servers (default: all) that do not run yet, and waits for each."""
        names = list(names or RECIPES)
        unknown = sorted(set(names) - set(RECIPES))
        if unknown:
            raise process.PeerFailed(f"no such server: {', '.join(unknown)}")
        self.folder.mkdir(parents=True, exist_ok=True)
        with ports.alone():
            self._choose_ports(names)
            wanted = [name for name in names if not self.is_up(name)]
            try:
                for name in wanted:
                    self._start(name)
                with ThreadPoolExecutor() as pool:
                    list(pool.map(self._wait, wanted))
                if "toxiproxy" in wanted:
                    self._make_proxies()
            except BaseException:
                self.down(wanted)
                raise

    def down(self, names: list[str] | None = None, *, keep: bool = False) -> list[str]:
        """Stops the named servers (default: all) and deletes their data unless kept."""
        if not self.folder.exists():
            return []
        names = [name for name in names or RECIPES if name in self.state["peers"]]
        process.stop([self.state["peers"].pop(name) for name in names])
        self._save()
        if not keep:
            for name in names:
                shutil.rmtree(self.folder / f"{name}-data", ignore_errors=True)
        if not self.state["peers"] and not keep:
            self._file.unlink(missing_ok=True)
        return names

    def is_up(self, name: str) -> bool:
        peer = self.state["peers"].get(name)
        return peer is not None and process.is_running(peer)

    def url(self, name: str) -> str:
        """Of a peer, or of its port behind Toxiproxy ("toxi-moto") or TLS ("tls-moto")."""
        scheme = "https" if name.startswith("tls-") else "http"
        return f"{scheme}://127.0.0.1:{self.port(name)}"

    def port(self, name: str) -> int:
        return self.state["ports"][name]

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    @property
    def root_certificate(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    def _choose_ports(self, names: list[str]) -> None:
        """All at first, so that each server can refer to any other; later only those that
        another stand has used before the server was started."""
        if not any(self.is_up(name) for name in RECIPES):
            wanted = dict.fromkeys(PORTS) if self._any_ports else PORTS
            self.state = {"version": 1, "ports": ports.choose(wanted), "peers": {}}
        for name in names:
            if not self.is_up(name):
                own = {port: self.port(port) for port in RECIPES[name].ports or (name,)}
                self.state["ports"].update(ports.choose(own))

    def _start(self, name: str) -> None:
        launch = RECIPES[name].launch(self.folder, self.state["ports"])
        environment = places.clean_environment(**launch.environment)
        self.state["peers"][name] = process.start(launch.argv, self.log(name), environment)
        self._save()

    def _wait(self, name: str) -> None:
        url = self.url(name) + RECIPES[name].ready_path
        process.wait_ready(name, self.state["peers"][name], url)

    def _make_proxies(self) -> None:
        for name in FRONTED:
            request_json(
                self.url("toxiproxy") + "/proxies",
                {
                    "name": name,
                    "listen": f"127.0.0.1:{self.port(f'toxi-{name}')}",
                    "upstream": f"127.0.0.1:{self.port(name)}",
                    "enabled": True,
                },
            )

    def _save(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self.state, indent=2) + "\n")
        fresh.rename(self._file)
