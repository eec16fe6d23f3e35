"""How often one person may try: token buckets in memory."""

import math
from collections import OrderedDict
from datetime import datetime

from core.errors import TooManyRequests

_PEOPLE = 10_000


class Limit:
    """At most `times` within `seconds` for each key, refilling evenly.

    Kept per process: with several web processes each allows its share, which is enough to make
    guessing hopeless and never locks a shop out because a shared store is down.
    """

    def __init__(self, times: int, seconds: float) -> None:
        self._times = times
        self._rate = times / seconds
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def spend(self, key: str, *, now: datetime) -> None:
        """Raises TooManyRequests with the seconds to wait."""
        bucket = self._buckets.pop(key, (float(self._times), now))
        left = min(self._times, bucket[0] + (now - bucket[1]).total_seconds() * self._rate)
        if left < 1:
            self._buckets[key] = bucket
            raise TooManyRequests(seconds=math.ceil((1 - left) / self._rate))
        self._buckets[key] = (left - 1, now)
        while len(self._buckets) > _PEOPLE:
            self._buckets.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget the tries: after a right password, say."""
        self._buckets.pop(key, None)
