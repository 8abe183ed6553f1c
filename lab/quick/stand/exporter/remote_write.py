"""Prometheus remote write without libraries: a protobuf WriteRequest in a literal snappy block."""

import struct

from stand.http import request

SERIES_A_REQUEST = 200
Series = dict[tuple[tuple[str, str], ...], list[tuple[int, float]]]  # labels → (ms, value)…


def remote_write(prometheus: str, series: Series) -> int:
    """Sends all samples; returns their number."""
    items = list(series.items())
    for first in range(0, len(items), SERIES_A_REQUEST):
        body = _snappy(_write_request(items[first : first + SERIES_A_REQUEST]))
        request(
            prometheus + "/api/v1/write",
            body,
            "POST",
            **{
                "Content-Encoding": "snappy",
                "Content-Type": "application/x-protobuf",
                "X-Prometheus-Remote-Write-Version": "0.1.0",
            },
        )
    return sum(len(points) for _, points in items)


def _write_request(items: list) -> bytes:
    request_bytes = b""
    for labels, points in items:
        one = b"".join(
            _block(1, _block(1, key.encode()) + _block(2, text.encode()))
            for key, text in sorted(labels)
            if text
        )
        one += b"".join(
            _block(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _number(at))
            for at, value in points
        )
        request_bytes += _block(1, one)
    return request_bytes


def _block(field: int, data: bytes) -> bytes:
    return _number(field << 3 | 2) + _number(len(data)) + data


def _number(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def _snappy(data: bytes) -> bytes:
    out = bytearray(_number(len(data)))
    for first in range(0, len(data), 1 << 16):
        piece = data[first : first + (1 << 16)]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)
