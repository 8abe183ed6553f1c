"""Reads values from nested dictionaries and collects all errors, each with its key."""

import ipaddress
import re
from typing import Any


class ConfigFaults(Exception):
    """The errors of a configuration. `faults`: one line each, "key: message"."""

    def __init__(self, faults: list[str]):
        self.faults = faults
        super().__init__("the configuration is invalid:\n  " + "\n  ".join(faults))


class Reader:
    """One table of the configuration. Keys that were not read are errors.

    `values`: the table; `path`: the prefix of each key in an error, such as "pools[0].";
    `faults`: collects the errors, shared by all readers of one configuration.
    """

    def __init__(self, values: Any, path: str, faults: list[str]):
        self.path, self.faults = path, faults
        self.is_table = isinstance(values, dict)
        self.unread = dict(values) if self.is_table else {}
        if not self.is_table:
            self.fault("", "must be a table of keys and values")

    def fault(self, key: str, text: str) -> None:
        self.faults.append(f"{(self.path + key).rstrip('.')}: {text}")

    def take(self, key: str, kind: type, default: Any) -> Any:
        """The value of `key`; `default` where it is missing or of another kind. None: required."""
        if key not in self.unread:
            if default is None and self.is_table:
                self.fault(key, "is missing")
            return kind() if default is None else default
        value = self.unread.pop(key)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            self.fault(key, f"must be {KINDS[kind]}, not {value!r}")
            return kind() if default is None else default
        return value

    def text(self, key: str, default: str | None, pattern: str, words: str) -> str:
        """A string that fully matches `pattern`; `words` describe it."""
        given, before = key in self.unread, len(self.faults)
        value = self.take(key, str, default)
        if given and len(self.faults) == before and not re.fullmatch(pattern, value):
            self.fault(key, f"must be {words}, not {value!r}")
        return value

    def choice(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        words = "one of " + ", ".join(allowed)
        return self.text(key, default, "|".join(map(re.escape, allowed)), words)

    def whole(self, key: str, default: int, limits: tuple[int, int]) -> int:
        """A whole number within `limits`, both included."""
        value = self.take(key, int, default)
        if not limits[0] <= value <= limits[1]:
            self.fault(key, f"must be from {limits[0]} to {limits[1]}, not {value}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        return self.take(key, bool, default)

    def texts(self, key: str, pattern: str, words: str) -> tuple[str, ...]:
        """A list of strings, each of which matches `pattern`; empty where the key is missing."""
        values = self.take(key, list, [])
        for at, value in enumerate(values):
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                self.fault(f"{key}[{at}]", f"must be {words}, not {value!r}")
        return tuple(value for value in values if isinstance(value, str))

    def one_of(self, key: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
        """Reports each of `values` that is not among `allowed`."""
        for at, value in enumerate(values):
            if value not in allowed:
                words = ", ".join(allowed)
                self.fault(f"{key}[{at}]", f"must be one of {words}, not {value!r}")

    def ranges(self, key: str) -> tuple[str, ...]:
        """A list of IPv4 or IPv6 address ranges in CIDR notation; a single address is a range of
        one."""
        found = []
        for at, value in enumerate(self.texts(key, r".+", "an address range")):
            try:
                found.append(str(ipaddress.ip_network(value)))
            except ValueError as error:
                self.fault(f"{key}[{at}]", f"is not an address range: {error}")
        return tuple(dict.fromkeys(found))

    def map_of_texts(self, key: str, pattern: str, words: str) -> dict[str, str]:
        """A table of strings, each of which matches `pattern`; empty where it is missing."""
        table = self.take(key, dict, {})
        for name, value in table.items():
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                self.fault(f"{key}.{name}", f"must be {words}, not {value!r}")
        return {name: str(value) for name, value in table.items()}

    def table(self, key: str) -> "Reader":
        return Reader(self.take(key, dict, {}), f"{self.path}{key}.", self.faults)

    def tables(self, key: str, default: list[dict]) -> list["Reader"]:
        entries = self.take(key, list, default)
        return [
            Reader(entry, f"{self.path}{key}[{at}].", self.faults)
            for at, entry in enumerate(entries)
        ]

    def finish(self) -> None:
        for key in self.unread:
            self.fault(key, "is not a known key")


KINDS = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
