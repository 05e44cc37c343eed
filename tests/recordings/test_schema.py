"""The machines' doors, asked by their own description (schemathesis): what is told there is true."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode, SerializationContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from kcc.access.actor import system
from kcc.people import tokens
from kcc.stores import Stores

TRUE = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
"""What an answer must be. That all that fits is taken is not promised: no schema can say every rule."""
EXAMPLES = 110
"""For each way of asking: those that fit the description, and those that do not; 220 of each operation."""


@schemathesis.serializer("audio/wav")
def as_it_is(_: SerializationContext, value: Any) -> bytes:
    """Sound is sent as the bytes that it is; what is none, as its text."""
    return value if isinstance(value, bytes) else bytes(getattr(value, "data", b"")) or str(value).encode()


pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """SQLite alone: what the intake asks of PostgreSQL, all its other tests ask."""
    shutil.copy(migrated_sqlite, tmp_path / "kcc.db")
    return f"sqlite:///{tmp_path / 'kcc.db'}"


@pytest.fixture
def unlimited(stores: Stores) -> Flask:
    """The application, in which a stranger may ask as often as this does."""
    from kcc.app import create_app

    most = {"strangers_per_minute": 1_000_000, "calls_per_minute": 1_000_000}
    changed = stores.settings.server.model_copy(update=most)
    settings_ = stores.settings.model_copy(update={"server": changed})
    return create_app(Stores(settings_, stores.database, stores.keys, stores.blobs))


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation", ["put", "post"])
def test_every_answer_is_one_that_was_described(
    unlimited: Flask, stores: Stores, operation: str, mode: GenerationMode
) -> None:
    """With a recorder's token: never 500, a described status, kind and shape; and always the headers."""
    with stores.database.write() as session:
        token = tokens.create(session, system("test"), "exchange")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", unlimited)
    (path,) = (path for path in schema if operation in {method.lower() for method in schema[path]})
    asked: list[int] = []

    @seed(20261103)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][operation.upper()].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        answer: Any = case.call(headers={"Authorization": f"Bearer {token}"})
        asked.append(answer.status_code)
        assert answer.status_code < 500 or answer.status_code == 503
        assert "content-security-policy" in answer.headers
        case.validate_response(answer, checks=TRUE)

    ask()
    assert len(asked) >= EXAMPLES - 10
