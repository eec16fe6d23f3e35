"""A closed-loop HTTP/1.1 load: a fixed number of keep-alive connections, prepared requests."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all lie below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


@dataclass(slots=True)
class Outcome:
    """What came back. Latencies in seconds, from the sending to the last byte of the answer;
    `lost` are requests whose connection ended without an answer."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def answered(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        return percentile(self.latencies, share) * 1e3

    @property
    def is_flawless(self) -> bool:
        return set(self.statuses) == {200} and not self.lost


class _Connection(asyncio.Protocol):
    """Sends one request, waits for its answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], outcome: Outcome, until: float) -> None:
        self._requests = requests
        self._outcome = outcome
        self._until = until
        self._buffer = b""
        self._missing = 0
        self._sent_at = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is no subclass of asyncio.Transport, but does all that one does.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        now = time.perf_counter()
        request = next(self._requests, None) if now < self._until else None
        self._sent_at = now if request is not None else 0.0
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            # Of a long answer's body only the length matters.
            self._missing -= len(data)
        else:
            self._buffer += data
            head, end, body = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self._note(int(head[9:12]))
            self._missing = _length(head) - len(body)
            self._buffer = b""
        if self._missing == 0:
            self._outcome.latencies.append(time.perf_counter() - self._sent_at)
            self._next()

    def _note(self, status: int) -> None:
        self._outcome.statuses[status] = self._outcome.statuses.get(status, 0) + 1

    def connection_lost(self, error: Exception | None) -> None:
        self._outcome.lost += bool(self._sent_at)
        self.done.set_result(None)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0] or 0)


async def load(
    port: int, requests: Iterator[bytes], *, connections: int, seconds: float
) -> Outcome:
    """Send `requests` one after another on each connection until they or the time run out."""
    outcome = Outcome()
    began = time.perf_counter()
    loop = asyncio.get_running_loop()

    def make() -> _Connection:
        return _Connection(requests, outcome, began + seconds)

    opened = [await loop.create_connection(make, "127.0.0.1", port) for _ in range(connections)]
    await asyncio.gather(*(connection.done for _, connection in opened))
    outcome.seconds = time.perf_counter() - began
    return outcome


def request(method: str, path: str, body: bytes = b"", headers: Sequence[str] = ()) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
