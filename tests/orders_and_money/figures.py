"""What a run has been through, to be told at its end."""

from collections import Counter

FIGURES: Counter[str] = Counter()


def told() -> str:
    return "\n".join(f"{number:7} {what}" for what, number in sorted(FIGURES.items()))
