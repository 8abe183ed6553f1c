"""A DNS server for one name, for a program that has only /etc/resolv.conf.

That file names no port: the server needs port 53, and so root. It uses its own loopback address, so
that it conflicts neither with the machine's server nor with other runs.
"""

import os
import socket
import struct
import threading

A, AAAA = 1, 28


class NameServer:
    """Resolves its name to 127.0.0.1, without AAAA; refuses other names."""

    def __init__(self, name: str) -> None:
        self._name = name.lower()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = f"127.53.{os.getpid() % 250 + 1}.{os.getpid() // 250 % 250 + 1}"
        self._socket.bind((self.address, 53))
        self._socket.settimeout(0.1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                query, sender = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            self._socket.sendto(self._answer(query), sender)

    def _answer(self, query: bytes) -> bytes:
        name, end = _read_name(query, 12)
        (kind,) = struct.unpack("!H", query[end : end + 2])
        question = query[12 : end + 4]
        self.asked.append(name)
        known = name.lower() == self._name
        records = b""
        if known and kind == A:
            address = socket.inet_aton("127.0.0.1")
            records = b"\xc0\x0c" + struct.pack("!HHIH", A, 1, 60, 4) + address
        flags = 0x8580 if known else 0x8583  # authoritative; NXDOMAIN for the rest
        header = query[:2] + struct.pack("!HHHHH", flags, 1, 1 if records else 0, 0, 0)
        return header + question + records


def _read_name(message: bytes, at: int) -> tuple[str, int]:
    labels = []
    while message[at]:
        size = message[at]
        labels.append(message[at + 1 : at + 1 + size].decode())
        at += size + 1
    return ".".join(labels), at + 1
