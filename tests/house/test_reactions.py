"""Every event has its line on the one page that tells who reacts to what."""

import ast
import dataclasses
import importlib
import inspect

from app.jobs import JOBS_ON_ONE_PAGE
from app.reactions import REACTIONS
from core.jobs import name_of
from core.pages import ROOT

ROOMS = (
    "bot",
    "campaigns",
    "inbox",
    "storefront",
    "payments",
    "promotions",
    "meta",
    "staff",
    "core",
)


def published() -> set[type]:
    events: set[type] = set()
    for path in ROOT.glob("*/events.py"):
        # In core, `events.py` is the tool itself.
        room = path.parent.name
        module = importlib.import_module("core.mail_events" if room == "core" else f"{room}.events")
        events |= {
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind)
        }
    return events


def test_every_event_has_its_line_in_reactions() -> None:
    assert published() == set(REACTIONS)


def test_events_are_frozen_and_hold_plain_values() -> None:
    plain = {"int", "str", "bool", "int | None", "str | None", "datetime"}
    for event in published():
        assert event.__dataclass_params__.frozen, event  # type: ignore[attr-defined]
        for field in dataclasses.fields(event):
            name = (
                field.type
                if isinstance(field.type, str)
                else getattr(field.type, "__name__", str(field.type))
            )
            assert name in plain or "Literal" in str(field.type), (
                f"{event.__name__}.{field.name}: {name}"
            )


def test_every_job_on_the_page_is_a_coroutine_function_of_the_product() -> None:
    for name in JOBS_ON_ONE_PAGE:
        module, _, function = name.rpartition(".")
        assert inspect.iscoroutinefunction(getattr(importlib.import_module(module), function))


def enqueued() -> set[str]:
    """What the rooms have done later: the functions and names they hand to `enqueue`."""
    names: set[str] = set()
    for package in ROOMS:
        for path in sorted((ROOT / package).rglob("*.py")):
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "enqueue":
                    wanted = node.args[1]
                    found = (
                        wanted.value
                        if isinstance(wanted, ast.Constant)
                        else getattr(module, ast.unparse(wanted), None)
                    )
                    if found is not None:
                        names.add(found if isinstance(found, str) else name_of(found))
    return names


def test_every_job_that_is_enqueued_stands_on_the_page_of_jobs() -> None:
    assert len(enqueued()) > 10
    assert enqueued() <= set(JOBS_ON_ONE_PAGE)
