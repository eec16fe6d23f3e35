"""What makes no sense, in every place where something can be sent."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

# As they stand in an address, percent-encoded already.
ODD_PLACES = (
    "0", "-1", str(2**31), str(2**63), "1" * 31, "%00", "1%00", quote("٣"), "x" * 5000, "%ED%A0%80",
    "%FF", "..%2F..", "1.5", "%25s", "%20",
)  # fmt: skip

# As they are typed into a field or an address, as bytes: not all of them are text.
ODD_VALUES: tuple[bytes, ...] = (
    b"a\0b", "½ \ud83d x".encode("utf-8", "surrogatepass"), b"9" * 30, b"-1", "٣".encode(),
    str(2**31).encode(), str(2**63).encode(), b"1e400", b"NaN", b"9999-12-31", b"0001-01-01",
    b"9999-12-31T23:59:59-14:00_1", b"0001-01-01T00:00:00+14:00_1", b"x" * 100_000, b" \t\r\n ",
    b"%s %(x)s {0} ${x}", "\u202e\u2028\u200b\ufeff".encode(), b"<b>'\";--\\", b"1,2.3,4", b"\xff\xfe",
    b"name@" + b"a" * 300 + b".example", b"http://[", b"12.90", b"1",
)  # fmt: skip

QUERIES = (
    "after", "all", "answers", "back", "before", "channel", "current", "gone", "lang", "next",
    "order", "page", "q", "show", "state", "trouble", "day", "v", "hub.challenge", "hub.mode",
    "hub.verify_token",
)  # fmt: skip

COOKIES = ("staff", "flash", "lang", "visit-1")
HEADERS = ("Accept", "Accept-Language", "Accept-Encoding", "Last-Event-ID", "User-Agent",
           "X-Requested-With", "If-None-Match", "X-Forwarded-For", "Referer")  # fmt: skip
ODD_HEADERS = ("", "x" * 3000, "٣", ";;=,", '"', "a;q=nan,b;q=1e400", "-1", "9" * 30, "%00", "\xff")


def near_misses(good: bytes) -> tuple[bytes, ...]:
    """What is nearly right is read furthest."""
    if re.fullmatch(rb"\d{4}-\d\d-\d\d", good):
        return (b"0001-01-01", b"9999-12-31", b"2026-02-30", b"1900-01-01T23:59:59+14:00")
    if re.fullmatch(rb"\d+", good):
        return (str(2**31).encode(), b"9" * 30)
    if re.fullmatch(rb"\d+,\d\d", good):
        return (b"9" * 18 + b",99", b"1e99", b"0,001")
    return ()


FILES = ("picture", "pictures", "logo", "cover", "guarantee")


def parts(fields: Iterable[str], value: bytes, more: str = "", header: str = "") -> bytes:
    told = b""
    for name in (*fields, "a"):
        told += f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'.encode()
        told += (header.encode() + b"\r\n" if header else b"") + b"\r\n" + value + b"\r\n"
    return told + b"--x--\r\n"


_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"

# Other things than the form that was meant; each is told the names of its fields.
BODIES: tuple[tuple[str, Callable[[list[str]], bytes]], ...] = (
    ("application/json", lambda _: b'{"a": '),
    ("text/plain; charset=nonsense", lambda _: b"\xff"),
    (f"{_FORM}; charset=nonsense", lambda _: b"a=b"),
    (f"{_FORM}; charset=utf-16", lambda _: b"a=b"),
    (_FORM, lambda _: b"&&==&%&%zz=%zz;;" + b"&a=1" * 2000),
    ("multipart/form-data", lambda _: b"no boundary"),
    (_PARTS, lambda _: b"--y\r\n\r\n"),
    (_PARTS, lambda _: b"--x\r\nContent-Disposition: form-data; name=a"),
    ("multipart/form-data; boundary=" + "x" * 200, lambda _: b"--x--"),
    (_PARTS, lambda names: parts(names, b"\xff\0\xed\xa0\x80")),
    (_PARTS, lambda names: parts(names, b"a\0b")),
    (_PARTS, lambda names: parts(names, b"text", '; filename="a\0.png"')),
    (_PARTS, lambda names: parts(names, b"a file", '; filename="a.txt"')),
    (_PARTS, lambda names: parts(names, b"no name", ";; filename=")),
    (_PARTS, lambda _: parts(FILES, b"no file at all")),
    (_PARTS, lambda _: parts(FILES, b"no picture", '; filename="x.png"')),
    (_PARTS, lambda names: parts(names, b"x", "", "Content-Type: text/plain; charset=nonsense")),
    (_PARTS, lambda names: parts(names, b"x", "", "Content-Transfer-Encoding: nonsense")),
)  # fmt: skip
