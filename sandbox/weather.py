"""What happens to deliveries on their way: faults that people and tests switch on."""

from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal["delay", "duplicate", "reorder", "drop", "tamper", "hold"]

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass
class Fault:
    """`label` is a prefix ("meta", "stripe", "" for all); `times` None means until it clears."""

    kind: FaultKind
    label: str = ""
    times: int | None = None
    milliseconds: int = 0

    def meets(self, kind: FaultKind, label: str) -> bool:
        return self.kind == kind and self.times != 0 and label.startswith(self.label)


@dataclass
class Weather:
    """The faults in force. Each one that strikes is counted down and forgotten at zero."""

    faults: list[Fault] = field(default_factory=list)

    def brew(
        self,
        kind: FaultKind,
        *,
        label: str = "",
        times: int | None = None,
        milliseconds: int = 0,
    ) -> Fault:
        fault = Fault(kind, label, times, milliseconds)
        self.faults = [f for f in self.faults if (f.kind, f.label) != (kind, label)]
        self.faults.append(fault)
        return fault

    def strike(self, kind: FaultKind, label: str) -> Fault | None:
        """The fault of this kind that hits this delivery now, used up by one."""
        for fault in self.faults:
            if fault.meets(kind, label):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def clear(self, *, kind: str = "", label: str | None = None) -> None:
        self.faults = [
            fault
            for fault in self.faults
            if (kind and fault.kind != kind) or (label is not None and fault.label != label)
        ]
