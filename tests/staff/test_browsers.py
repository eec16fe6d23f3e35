"""A signed-in browser is shown by a name its owner recognises."""

import pytest

from staff.browsers import name_browser

_LIKE_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "named"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {_LIKE_CHROME}", ("Chrome", "Linux")),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_LIKE_CHROME} Edg/140", ("Edge", "Windows")),
        (f"Mozilla/5.0 (Linux; Android 15; K) {_LIKE_CHROME}", ("Chrome", "Android")),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1; rv:130.0) Gecko/20100101 Firefox/130.0",
            ("Firefox", "Mac"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mob",
            ("Safari", "iPhone"),
        ),
        ("curl/8.9", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_known_by_its_name_and_system(user_agent: str, named: tuple[str, str]) -> None:
    assert name_browser(user_agent) == named
