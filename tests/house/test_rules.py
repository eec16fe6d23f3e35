"""The rules of the house, held by tests."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.pages import ROOT

PACKAGES = [
    "app",
    "bot",
    "campaigns",
    "inbox",
    "storefront",
    "payments",
    "promotions",
    "meta",
    "staff",
    "core",
    "sandbox",
]


def files(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(), str(path))


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_every_file_says_in_one_docstring_what_it_is_for() -> None:
    silent = [
        str(path) for path, tree in files(*PACKAGES) if tree.body and not ast.get_docstring(tree)
    ]
    assert silent == []


@pytest.mark.parametrize(("library", "room"), [("stripe", "payments"), ("facebook", "meta")])
def test_only_one_room_knows_the_outside_library(library: str, room: str) -> None:
    others = [package for package in PACKAGES if package not in (room, "sandbox")]
    knowing = [
        str(path)
        for path, tree in files(*others)
        if any(name.split(".")[0] == library for name in imported(tree))
    ]
    assert knowing == []


def test_no_redirect_is_raised_inside_a_transaction() -> None:
    """In aiohttp a redirect is an exception: raised inside the block it would roll back."""
    found = []
    for path, tree in files(*PACKAGES):
        for block in ast.walk(tree):
            if isinstance(block, ast.AsyncWith) and any(
                "transaction" in ast.unparse(item.context_expr) for item in block.items
            ):
                found += [
                    f"{path}:{node.lineno}"
                    for node in ast.walk(block)
                    if isinstance(node, ast.Raise) and "HTTP" in ast.unparse(node)
                ]
    assert found == []


def test_who_holds_a_row_lets_others_refer_to_it() -> None:
    """A row that changes twice in one transaction has its foreign keys checked again, and that
    waits for whoever holds the rows they name with FOR UPDATE (PostgreSQL manual, 13.3.2)."""
    found = []
    for path, tree in files(*PACKAGES):
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            words = {word.arg: ast.unparse(word.value) for word in call.keywords}
            asked = words.get("with_for_update", "")
            if ast.unparse(call.func).endswith(".with_for_update"):
                asked = f"'key_share': {words.get('key_share')}"
            if asked and "'key_share': True" not in asked:
                found.append(f"{path}:{call.lineno}")
    assert found == []


def test_nothing_is_named_after_nothing() -> None:
    vague = {"utils", "helpers", "common", "services", "service", "managers", "manager", "misc"}
    assert [path for path, _ in files(*PACKAGES) if path.stem in vague] == []


def test_no_test_stands_in_for_the_real_thing() -> None:
    mocking = [
        str(path)
        for path in (ROOT / "tests").rglob("*.py")
        if any("mock" in name for name in imported(ast.parse(path.read_text())))
    ]
    assert mocking == []


def test_imports_point_down() -> None:
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
