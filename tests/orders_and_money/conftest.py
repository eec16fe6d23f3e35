"""Fresh databases for as many stories as are told, of both kinds in turn."""

from typing import Any

import pytest

from tests.orders_and_money.machine import Databases


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Databases:
    kind = "sqlite_files" if request.param == "sqlite" else "postgres_databases"
    found: Any = request.getfixturevalue(kind)
    return found
