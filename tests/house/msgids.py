"""Every sentence the product may say, found in its code and its templates."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from core.pages import ROOT, Pages
from core.translations import Translations

ROOMS = (
    "app", "bot", "campaigns", "inbox", "storefront", "payments", "promotions", "meta", "staff",
    "core",
)  # fmt: skip
GERMAN = ROOT / "templates" / "locale" / "de"

# A sentence by its looks: a capital (or a place) first, several words, an end.
SENTENCE = re.compile(r"(?:[A-Z]|%\().* .*[.?!…]", re.DOTALL)
SPEAKING = {"_", "translate", "say", "gettext", "ngettext", "button", "hint", "way"}


@dataclass(frozen=True, slots=True)
class Msgid:
    """`ways` are its singular and, where it has one, its plural."""

    ways: tuple[str, ...]
    place: str

    @property
    def text(self) -> str:
        return self.ways[0]


@dataclass(frozen=True, slots=True)
class Entry:
    file: str
    message: Message

    @property
    def ways(self) -> tuple[str, ...]:
        return _each(self.message.id)

    @property
    def said(self) -> tuple[str, ...]:
        return _each(self.message.string)


def _each(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """The demo stands outside: it speaks with whoever tries it out."""
    for room in rooms or ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "demo" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def templates() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield path, path.read_text(encoding="utf-8")


@cache
def entries() -> tuple[Entry, ...]:
    found = []
    for path in sorted(GERMAN.glob("*.po")):
        with path.open("rb") as stream:
            found += [Entry(path.name, one) for one in read_po(stream, locale="de") if one.id]
    return tuple(found)


@cache
def in_templates() -> tuple[Msgid, ...]:
    """By the environment that renders them, so that the msgids are the ones looked up."""
    environment = Pages(Translations(GERMAN.parent))._environments["de"]
    found = []
    for path, source in templates():
        for line, function, said in environment.extract_translations(source):  # type: ignore[attr-defined]
            ways = (said,) if isinstance(said, str) else tuple(w for w in said or () if w)
            if "pgettext" in function:
                ways = ways[1:]
            if ways:
                found.append(Msgid(ways, f"{path.relative_to(ROOT)}:{line}"))
    return tuple(found)


@cache
def in_code() -> tuple[Msgid, ...]:
    """What looks like a sentence wherever it stands, and whatever is handed to be spoken."""
    found = []
    for path, tree in modules():
        silent, subjects = _silent(tree), _subject_lists(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) not in silent and SENTENCE.fullmatch(node.value):
                    found.append(Msgid((node.value,), _place(path, node)))
            elif isinstance(node, ast.Call) and _name(node) in SPEAKING:
                found += [Msgid((one,), _place(path, node)) for one in _constants(node)]
            elif isinstance(node, ast.Dict) and id(node) in subjects:
                found += [Msgid((one,), _place(path, node)) for one in _subjects(node)]
    return tuple(found)


@cache
def all_texts() -> frozenset[str]:
    """Every string that stands anywhere: what is not among them is said nowhere."""
    found = {way for one in in_templates() for way in one.ways}
    for _, tree in modules():
        found |= {one.value for one in ast.walk(tree)
                  if isinstance(one, ast.Constant) and isinstance(one.value, str)}  # fmt: skip
    environment = Pages(Translations(GERMAN.parent))._environments["de"]
    for _, source in templates():
        constants = environment.parse(source).find_all(nodes.Const)
        found |= {one.value for one in constants if isinstance(one.value, str)}
    return frozenset(found)


def _silent(tree: ast.Module) -> set[int]:
    """Docstrings, and the pieces of f-strings."""
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            silent.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            silent |= {id(one) for one in node.values}
    return silent


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _constants(call: ast.Call) -> Iterator[str]:
    """The first text among what is handed over: before it may stand a request."""
    for one in call.args[:2]:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value
            return


def _subject_lists(tree: ast.Module) -> set[int]:
    """What letters are called: no sentences by their looks, for they have no end."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            named = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(named, ast.Name) and named.id == "SUBJECTS":
                found.add(id(node.value))
    return found


def _subjects(node: ast.Dict) -> Iterator[str]:
    for one in node.values:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _place(path: Path, node: ast.expr) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"
