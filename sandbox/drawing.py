"""Drawn pictures: initials for people and pages, a cover, stickers. No image from outside."""

import hashlib
from html import escape

# Dark enough for white initials in both colour schemes (contrast of at least 4.5).
COLOURS = ("#1d5fa8", "#7a3ea1", "#a3374f", "#1f6b4a", "#8a4b12", "#40546b", "#9c2f86", "#2b6777")


def colour_of(name: str) -> str:
    return COLOURS[hashlib.sha256(name.encode()).digest()[0] % len(COLOURS)]


def initials(name: str) -> str:
    words = [word for word in name.replace("-", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words))


def avatar(name: str, *, is_square: bool = False) -> str:
    radius = 12 if is_square else 40
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">'
        f'<rect width="80" height="80" rx="{radius}" fill="{colour_of(name)}"/>'
        '<text x="40" y="41" fill="#fff" font-family="system-ui,sans-serif" font-size="32" '
        'font-weight="600" text-anchor="middle" dominant-baseline="central">'
        f"{escape(initials(name).upper())}</text></svg>"
    )


def cover(name: str) -> str:
    """Soft hills, different for each page."""
    raw = hashlib.sha256(name.encode()).digest()
    first, second = colour_of(name), COLOURS[(raw[1]) % len(COLOURS)]
    hills = "".join(
        f'<path d="M0 {height} C 240 {height - 90 - raw[place] % 60} 420 {height + 50} '
        f"640 {height - 20} S 1000 {height - 80} 1200 {height - raw[place + 1] % 50} "
        f'V 400 H 0 Z" fill="#fff" fill-opacity="{opacity}"/>'
        for place, (height, opacity) in enumerate(((250, 0.12), (300, 0.16), (345, 0.2)), 2)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 400" '
        'preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="g" x2="1" y2="1">'
        f'<stop stop-color="{first}"/><stop offset="1" stop-color="{second}"/>'
        f'</linearGradient></defs><rect width="1200" height="400" fill="url(#g)"/>{hills}</svg>'
    )


def thumb() -> str:
    """The sticker everybody sends."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">'
        '<path d="M14 36h12v32H14zM30 36l14-24c6 0 9 5 8 11l-2 9h15c5 0 8 4 7 9l-5 21c-1 4-4 6-8 '
        '6H38c-4 0-6-1-8-3z" fill="#2567c9"/></svg>'
    )


def snapshot(word: str) -> str:
    """Stands for a photo somebody took with their phone."""
    raw = hashlib.sha256(word.encode()).digest()
    blooms = "".join(
        f'<circle cx="{60 + (raw[i] % 200)}" cy="{50 + raw[i + 1] % 120}" r="{14 + raw[i + 2] % 18}" '
        f'fill="{COLOURS[raw[i] % len(COLOURS)]}" fill-opacity=".75"/>'
        for i in range(0, 21, 3)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 220" width="320" height="220">'
        f'<rect width="320" height="220" fill="#dfe7ef"/>{blooms}</svg>'
    )
