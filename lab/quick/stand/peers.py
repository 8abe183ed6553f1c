"""How each server is started: command, files and URL.

A recipe gets the stand's folder and all its ports, so that a peer can name another that is started
at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stand import places, tls

# Preferred ports; the stand uses others if these are in use.
PORTS = {
    "moto": 15000,
    "dynalite": 15001,
    "ministack": 15002,
    "exporter": 15003,
    "prometheus": 15090,
    "alertmanager": 15093,
    "toxiproxy": 15474,
    "haproxy": 15443,
    "toxi-moto": 16000,
    "toxi-dynalite": 16001,
    "toxi-prometheus": 16090,
    "tls-moto": 17000,
    "tls-dynalite": 17001,
    "tls-prometheus": 17090,
}
FRONTED = ("moto", "dynalite", "prometheus")  # these have a Toxiproxy and a TLS port as well
ALERT_TOPIC = f"arn:aws:sns:{places.REGION}:{places.ACCOUNT}:nodenap-alerts"


@dataclass
class Launch:
    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Recipe:
    launch: Callable[[Path, dict[str, int]], Launch]
    ready_path: str = "/"
    ports: tuple[str, ...] = ()  # default: one with its own name


def _fill(template: str, target: Path, values: dict) -> str:
    """Writes a template with its @NAMES@ filled in; returns its path."""
    text = (places.TEMPLATES / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    target.write_text(text)
    return str(target)


def _own_module(module: str, *arguments: str, **environment: str) -> Launch:
    return Launch(
        [places.python(), "-m", module, *arguments],
        {"PYTHONPATH": str(places.PACKAGE_PARENT), "PYTHONUNBUFFERED": "1", **environment},
    )


def _moto(folder: Path, ports: dict[str, int]) -> Launch:
    # A short list of images: moto's own has 1,285, costs 2 s and lacks Ubuntu 22.04.
    images = str(places.TEMPLATES / "amis.json")
    return _own_module("stand.moto", "--port", str(ports["moto"]), MOTO_AMIS_PATH=images)


def _dynalite(folder: Path, ports: dict[str, int]) -> Launch:
    no_waiting = [f"--{verb}TableMs=0" for verb in ("create", "delete", "update")]
    listen = ["--host", "127.0.0.1", "--port", str(ports["dynalite"])]
    data = ["--path", str(folder / "dynalite-data")]
    return Launch([places.node(), places.dynalite(), *listen, *data, *no_waiting])


def _ministack(folder: Path, ports: dict[str, int]) -> Launch:
    return Launch(
        [places.ministack()],
        {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(ports["ministack"])},
    )


def _exporter(folder: Path, ports: dict[str, int]) -> Launch:
    return _own_module(
        "stand.exporter",
        *("--port", str(ports["exporter"])),
        *("--prometheus", f"http://127.0.0.1:{ports['prometheus']}"),
        *("--moto", f"http://127.0.0.1:{ports['moto']}"),
    )


def _prometheus(folder: Path, ports: dict[str, int]) -> Launch:
    _fill("rules.yml", folder / "rules.yml", {})
    values = {"FOLDER": folder, **ports}
    config = _fill("prometheus.yml", folder / "prometheus.yml", values)
    return Launch(
        [
            places.debian_program("prometheus", "usr/bin/prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'prometheus-data'}",
            "--storage.tsdb.retention.time=60d",
            f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
            "--web.enable-lifecycle",
            "--web.enable-admin-api",
            "--web.enable-remote-write-receiver",
            "--log.level=warn",
        ]
    )


def _alertmanager(folder: Path, ports: dict[str, int]) -> Launch:
    values = {"TOPIC": ALERT_TOPIC, "REGION": places.REGION, **ports}
    config = _fill("alertmanager.yml", folder / "alertmanager.yml", values)
    return Launch(
        [
            "prometheus-alertmanager",
            f"--config.file={config}",
            f"--storage.path={folder / 'alertmanager-data'}",
            f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
            "--cluster.listen-address=",
        ]
    )


def _toxiproxy(folder: Path, ports: dict[str, int]) -> Launch:
    return Launch([places.toxiproxy(), "-host", "127.0.0.1", "-port", str(ports["toxiproxy"])])


def _haproxy(folder: Path, ports: dict[str, int]) -> Launch:
    tls.make_certificates(folder / "tls")
    frontends = [
        _fill(
            "haproxy-frontend.cfg",
            folder / f"haproxy-{name}.cfg",
            {"NAME": name, "FOLDER": folder, "PORT": ports[name], "TLS_PORT": ports[f"tls-{name}"]},
        )
        for name in FRONTED
    ]
    text = "\n".join(Path(path).read_text() for path in frontends)
    config = _fill("haproxy.cfg", folder / "haproxy.cfg", {"FRONTENDS": text, **ports})
    return Launch(
        [places.debian_program("haproxy", "usr/sbin/haproxy"), "-db", "-f", config],
        {"LD_LIBRARY_PATH": places.debian_libraries("haproxy")},
    )


RECIPES = {
    "moto": Recipe(_moto, "/moto-api/data.json"),
    "dynalite": Recipe(_dynalite),
    "ministack": Recipe(_ministack),
    "exporter": Recipe(_exporter, "/scene"),
    "prometheus": Recipe(_prometheus, "/-/ready"),
    "alertmanager": Recipe(_alertmanager, "/-/ready"),
    "toxiproxy": Recipe(
        _toxiproxy, "/version", ("toxiproxy", *(f"toxi-{name}" for name in FRONTED))
    ),
    "haproxy": Recipe(_haproxy, "/", ("haproxy", *(f"tls-{name}" for name in FRONTED))),
}
