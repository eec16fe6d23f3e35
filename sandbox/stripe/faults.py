"""Trouble on request: calls that fail, hang or break off, and events that never happen."""

from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal[
    "401",
    "403",
    "409",
    "429",
    "lock_timeout",
    "500",
    "500_after_success",
    "503",
    "slow",
    "timeout",
    "timeout_after_success",
    "cut",
    "cut_after_success",
]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass
class Fault:
    """Strikes the next `times` calls whose method and path (a prefix) fit."""

    kind: FaultKind
    times: int = 1
    method: str = ""
    path: str = ""
    seconds: float = 0

    def fits(self, method: str, path: str) -> bool:
        return (
            self.times > 0
            and (not self.method or self.method.upper() == method)
            and path.startswith(self.path)
        )


@dataclass
class LostEvent:
    """The next `times` events of this type are neither listed nor sent, as Stripe warns of."""

    type: str
    times: int = 1


@dataclass
class Faults:
    calls: list[Fault] = field(default_factory=list)
    lost: list[LostEvent] = field(default_factory=list)

    def strike(self, method: str, path: str) -> Fault | None:
        for fault in self.calls:
            if fault.fits(method, path):
                fault.times -= 1
                return fault
        return None

    def loses(self, event_type: str) -> bool:
        for lost in self.lost:
            if lost.times > 0 and event_type.startswith(lost.type):
                lost.times -= 1
                return True
        return False
