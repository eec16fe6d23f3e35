"""`.env.example` and the settings classes say the same."""

import re

from app.settings import ROOMS
from core.pages import ROOT

EXAMPLE = (ROOT / ".env.example").read_text()


def settings_names() -> set[str]:
    return {
        f"{kind.model_config.get('env_prefix', '')}{name}".upper()
        for kind in ROOMS.values()
        for name in kind.model_fields
    }


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    written = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    assert written == settings_names()


def test_every_setting_in_the_example_is_explained() -> None:
    paragraphs = EXAMPLE.split("\n\n")
    for paragraph in paragraphs:
        lines = paragraph.strip().splitlines()
        assert lines[0].startswith("# "), f"unexplained: {lines[0]}"
