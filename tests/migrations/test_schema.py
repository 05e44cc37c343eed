"""The migrations: they make exactly the models' schema, and each goes up and down with data in it, on both
databases.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from kcc import migrating
from kcc.coaching import rules
from kcc.db import Database
from kcc.schema import metadata
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    with postgres.database(request.getfixturevalue("postgres_url")) as url:
        database = Database(url)
        yield database
        database.close()


def test_the_migrations_make_the_models_schema(empty: Database) -> None:
    """Nothing that a model says is missing from the database, and nothing else is in it."""
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert migrating.current(empty) == migrating.head()


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    """`kcc migrate` may be run at every start."""
    migrating.upgrade(empty)
    migrating.upgrade(empty)
    assert migrating.current(empty) == migrating.head()


def test_the_first_schema_goes_up_and_down_with_data(empty: Database) -> None:
    """Rows go in by plain SQL; down leaves no table behind, and up again works."""
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        connection.execute(text("INSERT INTO department (id, code, name) VALUES ('d', 'd', 'Dienst')"))
        connection.execute(
            text("INSERT INTO team (id, code, name, department_id) VALUES ('t', 't', 'Team', 'd')")
        )
        connection.execute(
            text("INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl')")
        )
    migrating.downgrade(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    migrating.upgrade(empty)
    assert "recording" in inspect(empty.engine).get_table_names()


def test_holds_of_before_get_an_owner_and_a_review_date(empty: Database) -> None:
    """0005: within 3 months of being placed, or where they end; what hangs on a hold stays, up and down.

    The last line of the audit is the last time seen.
    """
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0005.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0005")
    with empty.engine.connect() as connection:
        found = connection.execute(
            text("SELECT hold_id, owner_id, reason, review_at FROM hold_review ORDER BY hold_id")
        ).all()
    assert [(row[0], row[1], row[2], str(row[3])[:10]) for row in found] == [
        ("long", "p", None, "2026-04-01"),
        ("short", "p", None, "2026-01-20"),
    ]
    with empty.engine.connect() as connection:
        seen = connection.execute(text("SELECT at, boot FROM clock_seen")).one()
    assert (str(seen[0])[:10], seen[1]) == ("2026-01-05", "")
    migrating.downgrade(empty, "0001")
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM hold")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar_one() == 1
    migrating.upgrade(empty)


BEFORE_0005 = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
    scope, nature, line, agent_id, employee_id, size, content_digest, due_at, due_rule, sample_barred)
VALUES ('r', 'x', 'c', 'r', 'live', '2026-01-01', '2026-01-01', 1, 'incoming',
    'external', 'business', 'main', 'a', 'p', 1, 'd', '2026-07-01', 'RET-2', true);
INSERT INTO hold (id, recording_id, kind, rule, placed_by, placed_at, until)
VALUES ('long', 'r', 'threat', 'RET-2', 'p', '2026-01-01 00:00:00', '2026-07-01 00:00:00'),
    ('short', 'r', 'other', 'RET-3', 'p', '2026-01-01 00:00:00', '2026-01-20 00:00:00');
INSERT INTO incident (id, recording_id, hold_id, employee_id, kind, account, reported_at)
VALUES ('i', 'r', 'long', 'p', 'verbal', 'x', '2026-01-01');
INSERT INTO audit_line (at, commitment, action, allowed)
VALUES ('2026-01-02 00:00:00', 'c', 'a', true), ('2026-01-05 00:00:00', 'c', 'a', true)
"""


FACTORS = {"authenticator_app", "passkey", "recovery_code", "half_session", "passkey_challenge"}
FACTOR_PERSON = "INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl')"
FACTOR_SESSION = (
    "INSERT INTO signin_session (id, token_digest, person_id, created_at, seen_at)"
    " VALUES ('s', 'd', 'p', '2026-11-03', '2026-11-03')"
)
FACTOR_ROWS = (
    "INSERT INTO authenticator_app (id, person_id, name, secret, last_step, created_at)"
    " VALUES ('a', 'p', 'Telefoon', 'x', 59000000, '2026-11-03')",
    "INSERT INTO passkey (id, person_id, name, credential_id, public_key, sign_count, created_at)"
    " VALUES ('k', 'p', 'Laptop', 'c', 'p', 4294967295, '2026-11-03')",
    "INSERT INTO recovery_code (id, person_id, digest) VALUES ('r', 'p', 'd')",
    "INSERT INTO half_session (id, token_digest, person_id, factors, created_at)"
    " VALUES ('h', 'd', 'p', 'password', '2026-11-03')",
    "INSERT INTO passkey_challenge (digest, purpose, bound_to, created_at)"
    " VALUES ('c', 'get', '', '2026-11-03')",
)


def test_second_factors_go_up_and_down_with_data(empty: Database) -> None:
    """0013: sessions of before count as never proved; down forgets the enrolments, and nobody."""
    migrating.upgrade(empty, "0012")
    with empty.engine.begin() as connection:
        connection.execute(text(FACTOR_PERSON))
        connection.execute(text(FACTOR_SESSION))
    migrating.upgrade(empty, "0013")
    with empty.engine.begin() as connection:
        assert connection.execute(text("SELECT proved_at FROM signin_session")).scalar_one() is None
        for row in FACTOR_ROWS:
            connection.execute(text(row))
    migrating.downgrade(empty, "0012")
    assert not FACTORS & set(inspect(empty.engine).get_table_names())
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM signin_session")).scalars().all() == ["s"]
    migrating.upgrade(empty, "0013")
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM passkey")).scalar_one() == 0


def test_leases_of_before_have_no_extent_and_later_ones_do(empty: Database) -> None:
    """0018: of old ones nobody knows what was heard; down forgets extents and what was noticed."""
    migrating.upgrade(empty, "0012")
    lease = (
        "INSERT INTO playback_lease (id, recording_id, person_id, session_id, action, purpose, subject,"
        " opened_at, ends_at) VALUES (:id, 'r', 'p', 's', 'a', 'p', 's', '2026-01-02', '2026-01-03')"
    )
    with empty.engine.begin() as connection:
        for statement in BEFORE_0018.strip().split(";"):
            connection.execute(text(statement), {"digest": b"x" * 32} if ":digest" in statement else {})
        connection.execute(text(lease), {"id": "old"})
    migrating.upgrade(empty, "0018")
    with empty.engine.begin() as connection:
        connection.execute(text(lease), {"id": "new"})
        connection.execute(text("UPDATE playback_lease SET fetched = :f WHERE id = 'new'"), {"f": b"x" * 125})
        connection.execute(
            text(
                "INSERT INTO watch_event (id, kind, actor_id, since, until, count, noticed_at)"
                " VALUES ('w', 'refusals', 'p', '2026-01-02', '2026-01-02', 20, '2026-01-02')"
            )
        )
        open_ones = text("SELECT id FROM playback_lease WHERE summed_at IS NULL")
        assert list(connection.scalars(open_ones)) == ["new"]
    migrating.downgrade(empty, "0012")
    assert "watch_event" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM playback_lease")).scalar_one() == 2
    migrating.upgrade(empty)


BEFORE_0018 = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO signin_session (id, token_digest, person_id, created_at, seen_at)
VALUES ('s', :digest, 'p', '2026-01-01', '2026-01-01');
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
    scope, nature, line, agent_id, employee_id, size, content_digest, due_at, due_rule, sample_barred)
VALUES ('r', 'x', 'c', 'r', 'live', '2026-01-01', '2026-01-01', 1, 'incoming',
    'external', 'business', 'main', 'a', 'p', 1, 'd', '2026-07-01', 'RET-2', true)
"""


def test_revisions_import_nothing_of_ours() -> None:
    """A revision says what it did then, whatever the models say now."""
    for revision in (migrating.scripts() / "versions").glob("*.py"):
        assert "kcc" not in revision.read_text().replace("kcc_", ""), revision.name


def test_webhook_deliveries_go_up_and_down_with_data(empty: Database) -> None:
    """Down forgets the deliveries and nothing else."""
    migrating.upgrade(empty, "0003")
    with empty.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO webhook_delivery (key_digest, body_digest, came_at) VALUES (:d, :d, :at)"),
            {"d": b"x" * 32, "at": "2026-11-03 09:00:00+00:00"},
        )
    migrating.downgrade(empty, "0001")
    assert "webhook_delivery" not in inspect(empty.engine).get_table_names()
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM webhook_delivery")).scalar() == 0


def test_callers_found_by_number_go_up_and_down_with_data(empty: Database) -> None:
    """0009: recordings of before stay whole, with what hangs on them; down forgets the days alone."""
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0005.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0009")
    with empty.engine.begin() as connection:
        assert connection.execute(text("SELECT caller_day_id, caller_digest FROM recording")).all() == [
            (None, None)
        ]
        connection.execute(text("INSERT INTO caller_day (id, day) VALUES ('d', '2026-01-01')"))
        connection.execute(text("UPDATE recording SET caller_day_id = 'd', caller_digest = :x"), {"x": b"x"})
    with empty.write() as session, pytest.raises(IntegrityError):
        session.execute(text("DELETE FROM caller_day"))
    migrating.downgrade(empty, "0005")
    assert "caller_day" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM recording")).scalar_one() == 1
        assert connection.execute(text("SELECT count(*) FROM hold")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar_one() == 1
    migrating.upgrade(empty)


def test_ends_of_before_wait_for_a_person(empty: Database) -> None:
    """0015: a function that has an end already counts as ended by an import; down forgets that."""
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0015.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0015")
    with empty.engine.connect() as connection:
        found = connection.execute(
            text("SELECT period_id, person_id, came_by, decided_at, confirmed_at FROM function_ending")
        ).all()
        assert [row[:3] for row in found] == [("gone", "p", "import")]
        assert found[0][3] is not None
        assert found[0][4] is None
        assert connection.execute(text("SELECT written_by_id FROM report")).all() == [(None,)]
    migrating.downgrade(empty, "0012")
    assert "notice" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM function_period")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM report")).scalar_one() == 1
    migrating.upgrade(empty)


BEFORE_0015 = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO function_period (id, person_id, function, customer_calls, begins, ends)
VALUES ('gone', 'p', 'coach', false, '2026-01-01', '2026-02-01'),
    ('stays', 'p', 'employee', true, '2026-01-01', NULL);
INSERT INTO selection_date (id, employee_id, month, ordinal, day, announced_at, state)
VALUES ('s', 'p', '2026-01-01', 1, '2026-01-15', '2026-01-01', 'drawn');
INSERT INTO seed_chain (id, published_end, length, used, created_at) VALUES ('c', 'x', 2, 1, '2026-01-01');
INSERT INTO draw (number, selection_id, employee_id, rule_version, pool_size, pool_root, committed_at, phrase,
    chain_id, chain_index)
VALUES (1, 's', 'p', 'v', 1, 'x', '2026-01-15', '', 'c', 1);
INSERT INTO slot_allowance (employee_id, month, slot) VALUES ('p', '2026-01-01', 1);
INSERT INTO sampled_call (id, draw_number, recording_id, employee_id, month, slot, ticket, drawn_at)
VALUES ('k', 1, 'r', 'p', '2026-01-01', 1, 'x', '2026-01-15');
INSERT INTO report (id, sampled_call_id, employee_id, coach_id, form_version, content, revision, created_at,
    saved_at)
VALUES ('r', 'k', 'p', 'p', 1, 'x', 0, '2026-01-16', '2026-01-16')
"""


def test_changes_of_lines_go_up_and_down_with_data(empty: Database) -> None:
    """0006: lines of before are at their first revision with no known change; down keeps them as they are."""
    migrating.upgrade(empty, "0005")
    with empty.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO line (code, name, kind, welcome_text_since) VALUES ('a', 'A', 'direct', NULL)")
        )
    migrating.upgrade(empty, "0006")
    with empty.engine.begin() as connection:
        found = connection.execute(text("SELECT code, kind, revision, kind_since FROM line")).all()
        assert [tuple(row) for row in found] == [("a", "direct", 1, None)]
        connection.execute(text("UPDATE line SET revision = 2, kind = 'private', kind_since = '2026-11-03'"))
        connection.execute(
            text(
                "INSERT INTO line_change (line, number, at, by_id, by_name, reason, kind_before, name, kind)"
                " VALUES ('a', 2, '2026-11-03', 'p', 'P', 'why', 'direct', 'A', 'private')"
            )
        )
    migrating.downgrade(empty, "0005")
    assert "line_change" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        found = connection.execute(text("SELECT code, name, kind FROM line")).all()
        assert [tuple(row) for row in found] == [("a", "A", "private")]
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT revision FROM line")).scalar_one() == 1


def test_lines_of_before_are_the_first_to_be_sealed(empty: Database) -> None:
    """0012: they count as written by transaction 0, later ones by the database's word; down keeps all."""
    line = "INSERT INTO audit_line (at, commitment, action, allowed) "
    line += "VALUES ('2026-01-02 00:00:00', 'c', 'a', true)"
    migrating.upgrade(empty, "0005")
    with empty.engine.begin() as connection:
        connection.execute(text(line))
        connection.execute(text(line))
    migrating.upgrade(empty, "0012")
    with empty.engine.begin() as connection:
        connection.execute(text(line))
        connection.execute(
            text("INSERT INTO audit_seal (id, origin, size, after_xid, after_id) VALUES (1, 'o', 1, 0, 1)")
        )
        connection.execute(text("INSERT INTO audit_leaf (position, line_id) VALUES (0, 1)"))
        xids = list(connection.scalars(text("SELECT xid FROM audit_line ORDER BY id")))
    assert xids[:2] == [0, 0]
    assert (xids[2] > 0) == (empty.engine.dialect.name == "postgresql")
    migrating.downgrade(empty, "0005")
    assert "audit_leaf" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_line")).scalar_one() == 3
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        assert set(connection.scalars(text("SELECT xid FROM audit_line"))) == {0}


def test_sessions_of_before_end_and_bindings_go_down(empty: Database) -> None:
    """0014: they do not know with which functions they were begun; down forgets who is bound to what."""
    migrating.upgrade(empty, "0012")
    with empty.engine.begin() as connection:
        for statement in (
            "INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl')",
            "INSERT INTO signin_session (id, token_digest, person_id, created_at, seen_at) VALUES "
            "('s', '1', 'p', '2026-11-03 08:00:00', '2026-11-03 08:00:00')",
        ):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0014")
    with empty.engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM signin_session WHERE ended_at IS NULL")) == 0
        connection.execute(
            text(
                "INSERT INTO sso_account (id, person_id, issuer, subject, bound_at) VALUES "
                "('a', 'p', 'https://sso.example', 'x', '2026-11-03 08:00:00')"
            )
        )
    migrating.downgrade(empty, "0012")
    assert "sso_account" not in inspect(empty.engine).get_table_names()
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        assert connection.scalar(text("SELECT person_id FROM signin_session")) == "p"
        assert connection.scalar(text("SELECT count(*) FROM sso_account")) == 0


def test_provisioning_goes_up_and_down_with_data(empty: Database) -> None:
    """0016: tokens of before are recorders'; down forgets the providers' and what they said, no person."""
    token = "INSERT INTO service_token (id, recorder, digest, created_at{}) "
    token += "VALUES ('{}', 'x', :d, '2026-11-03'{})"
    migrating.upgrade(empty, "0012")
    with empty.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl')")
        )
        connection.execute(text(token.format("", "a", "")), {"d": b"a" * 32})
    migrating.upgrade(empty, "0016")
    with empty.engine.begin() as connection:
        assert connection.execute(text("SELECT id, kind FROM service_token")).all() == [("a", "recorder")]
        connection.execute(text(token.format(", kind", "b", ", 'scim'")), {"d": b"b" * 32})
        for statement in PROVISIONED.strip().split(";"):
            connection.execute(text(statement))
    migrating.downgrade(empty, "0012")
    assert not {"scim_account", "scim_group", "scim_member"} & set(inspect(empty.engine).get_table_names())
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM service_token")).all() == [("a",)]
        assert connection.execute(text("SELECT id FROM person")).all() == [("p",)]
    migrating.upgrade(empty)


PROVISIONED = """
INSERT INTO scim_account (person_id, active, created_at, changed_at)
VALUES ('p', true, '2026-11-03 09:00:00+00:00', '2026-11-03 09:00:00+00:00');
INSERT INTO scim_group (id, display_name, created_at, changed_at)
VALUES ('g', 'G', '2026-11-03 09:00:00+00:00', '2026-11-03 09:00:00+00:00');
INSERT INTO scim_member (group_id, person_id) VALUES ('g', 'p')
"""


SUMMED_UP = """
INSERT INTO person (id, number, name, language) VALUES ('e', '1', 'E', 'nl');
INSERT INTO person (id, number, name, language) VALUES ('c', '2', 'C', 'nl');
INSERT INTO centre_quarter (day, computed_at) VALUES ('2026-07-01', '2026-10-01 01:30:00+00:00');
INSERT INTO centre_figure (quarter, form_version, item, people, band) VALUES ('2026-07-01', 1, 3, 5, 4);
INSERT INTO appraisal_summary (id, employee_id, coach_id, cycle, since, until, content, revision, saved_at)
VALUES ('s', 'e', 'c', 2026, '2026-01-01', '2026-10-31', 'sealed', 0, '2026-11-03 09:00:00+00:00')
"""


def test_progress_and_summaries_go_up_and_down_with_data(empty: Database) -> None:
    """0027: what was published of the centre and the summaries go; the people in them stay."""
    migrating.upgrade(empty, "0027")
    with empty.engine.begin() as connection:
        for statement in SUMMED_UP.split(";"):
            connection.execute(text(statement))
    for wrong in (
        "UPDATE centre_figure SET people = 4",
        "UPDATE centre_figure SET band = 5",
        "UPDATE appraisal_summary SET passed_at = saved_at",
        SUMMED_UP.split(";")[-1].replace("'s'", "'t'"),
    ):
        with pytest.raises(IntegrityError), empty.engine.begin() as connection:
            connection.execute(text(wrong))
    migrating.downgrade(empty, "0019")
    tables = set(inspect(empty.engine).get_table_names())
    assert not {"centre_quarter", "centre_figure", "appraisal_summary"} & tables
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 2
    migrating.upgrade(empty)


def test_budgets_and_reports_go_up_and_down_with_data(empty: Database) -> None:
    """0019: both belong to nobody, and go with what they held."""
    migrating.upgrade(empty, "0019")
    with empty.engine.begin() as connection:
        connection.execute(text("INSERT INTO budget (key, spent_until) VALUES ('k', 1.5)"))
        connection.execute(
            text("INSERT INTO browser_report (day, directive, count) VALUES ('2026-11-03', 'img-src', 2)")
        )
    migrating.downgrade(empty, "0012")
    assert not {"budget", "browser_report"} & set(inspect(empty.engine).get_table_names())
    migrating.upgrade(empty, "0019")
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM budget")).scalar_one() == 0


def test_letters_go_up_and_down_with_data(empty: Database) -> None:
    """0028: what a mail spoke of before is left alone; down keeps the notices and forgets the letters."""
    migrating.upgrade(empty, "0019")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0028.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0028")
    with empty.engine.begin() as connection:
        found = connection.execute(text("SELECT mailed_at, entry, letter_id FROM notice")).one()
        assert found[0] is not None
        assert tuple(found[1:]) == (None, None)
        for statement in AFTER_0028.strip().split(";"):
            connection.execute(text(statement))
        with pytest.raises(IntegrityError), connection.begin_nested():  # one open letter each
            connection.execute(text(AFTER_0028.strip().split(";")[0].replace("'l'", "'m'")))
    migrating.downgrade(empty, "0019")
    assert not {"letter", "mail_choice"} & set(inspect(empty.engine).get_table_names())
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT word FROM notice")).scalar_one() == "coach.gone"
    migrating.upgrade(empty, "0028")


BEFORE_0028 = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO notice (id, person_id, word, params, told_at, mailed_at)
VALUES ('n', 'p', 'coach.gone', '{}', '2026-11-03 09:00:00', '2026-11-03 09:10:00')
"""
AFTER_0028 = """
INSERT INTO letter (id, person_id, made_at, next_try, attempts)
VALUES ('l', 'p', '2026-11-03', '2026-11-03', 0);
INSERT INTO mail_choice (person_id, how, chosen_at) VALUES ('p', 'digest', '2026-11-03');
UPDATE notice SET letter_id = 'l'
"""


def test_the_quality_plan_goes_up_and_down_with_data(empty: Database) -> None:
    """0022: version 1 is there and stays; down it goes with what came after, and up it comes back."""
    migrating.upgrade(empty, "0022")
    with empty.engine.connect() as connection:
        first = connection.execute(text("SELECT version, body, starts_on FROM form_version")).one()
        assert (first[0], str(first[2])) == (1, "2000-01-01")
    draft = (
        "INSERT INTO form_version (version, body, revision, begun_at, saved_at)"
        " VALUES (2, '{}', 3, '2026-11-03', '2026-11-03')"
    )
    with empty.engine.begin() as connection:
        connection.execute(text(draft))
        connection.execute(text("UPDATE form_version SET body = '{\"a\": 1}' WHERE version = 2"))
    with pytest.raises(DBAPIError, match="never"), empty.engine.begin() as connection:
        connection.execute(text("UPDATE form_version SET body = '{}' WHERE version = 1"))
    migrating.downgrade(empty, "0019")
    assert "form_version" not in inspect(empty.engine).get_table_names()
    migrating.upgrade(empty, "0022")
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT version, body FROM form_version")).all() == [(1, first[1])]


def test_draws_of_before_keep_their_seed(empty: Database) -> None:
    """0021: nobody had a phrase, so a seed follows from the secret alone; down, phrases are forgotten."""
    migrating.upgrade(empty, "0019")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0021.strip().split(";"):
            connection.execute(text(statement), {"secret": bytes(32)} if ":secret" in statement else {})
    migrating.upgrade(empty, "0021")
    with empty.engine.begin() as connection:
        waiting, drawn = connection.scalars(text("SELECT seed FROM draw ORDER BY number")).all()
        assert (waiting, bytes(drawn)) == (None, rules.seed(bytes(32), "", "2"))
        connection.execute(
            text(
                "INSERT INTO draw_phrase (id, employee_id, content, set_at)"
                " VALUES ('f', 'p', '', '2026-01-01')"
            )
        )
        connection.execute(text("UPDATE draw SET phrase_id = 'f' WHERE number = 2"))
    migrating.downgrade(empty, "0019")
    assert "draw_phrase" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.scalars(text("SELECT phrase FROM draw")).all() == ["", ""]
        assert connection.execute(text("SELECT count(*) FROM sampled_call")).scalar_one() == 1
    migrating.upgrade(empty)


BEFORE_0021 = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO selection_date (id, employee_id, month, ordinal, day, announced_at, state)
VALUES ('s', 'p', '2026-01-01', 1, '2026-01-15', '2026-01-01', 'committed'),
    ('t', 'p', '2026-01-01', 2, '2026-01-16', '2026-01-01', 'drawn');
INSERT INTO seed_chain (id, published_end, length, used, created_at) VALUES ('c', 'x', 2, 2, '2026-01-01');
INSERT INTO draw (number, selection_id, employee_id, rule_version, pool_size, pool_root, committed_at, phrase,
    chain_id, chain_index)
VALUES (1, 's', 'p', 'v', 1, 'x', '2026-01-15', '', 'c', 1);
INSERT INTO draw (number, selection_id, employee_id, rule_version, pool_size, pool_root, committed_at, phrase,
    chain_id, chain_index, secret, drawn_at)
VALUES (2, 't', 'p', 'v', 1, 'x', '2026-01-15', '', 'c', 2, :secret, '2026-01-16');
INSERT INTO slot_allowance (employee_id, month, slot) VALUES ('p', '2026-01-01', 1);
INSERT INTO sampled_call (id, draw_number, recording_id, employee_id, month, slot, ticket, drawn_at)
VALUES ('k', 2, 'r', 'p', '2026-01-01', 1, 'x', '2026-01-15')
"""


def test_dates_of_before_were_announced_and_exceptions_may_raise(empty: Database) -> None:
    """0020: what was there stays, a date may be fixed under an agreement, a fifth slot needs its exception;
    down nothing unannounced can be drawn any more.
    """
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0015.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0020")
    with empty.engine.begin() as connection:
        date = connection.execute(text("SELECT calls, sequence, agreement_id FROM selection_date")).one()
        assert tuple(date) == (None, 0, None)
        assert connection.execute(text("SELECT month_limit FROM draw")).scalar_one() == 4
        for statement in SINCE_0020.strip().split(";"):
            connection.execute(text(statement))
    for refused in REFUSED_0020:
        with pytest.raises(IntegrityError), empty.engine.begin() as connection:
            connection.execute(text(refused))
    migrating.downgrade(empty, "0019")
    assert "quota_exception" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        states = "SELECT id, state FROM selection_date WHERE announced_at IS NOT NULL ORDER BY id"
        assert [tuple(row) for row in connection.execute(text(states))] == [
            ("s", "drawn"),
            ("t", "lapsed"),
            ("u", "lapsed"),
        ]
        assert connection.execute(text("SELECT count(*) FROM slot_allowance")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM draw")).scalar_one() == 1
    with pytest.raises(IntegrityError), empty.engine.begin() as connection:
        connection.execute(text("UPDATE selection_date SET announced_at = NULL"))
    migrating.upgrade(empty)


SINCE_0020 = """
INSERT INTO unannounced_agreement (id, employee_id, asked_at, reason) VALUES ('a', 'p', '2026-01-02', '');
INSERT INTO quota_exception (id, employee_id, coach_id, reason, explanation, calls, begins, ends, made_at)
VALUES ('e', 'p', 'p', 'induction', 'x', 6, '2026-01-01', '2026-02-01', '2026-01-01');
INSERT INTO slot_allowance (employee_id, month, slot, exception_id) VALUES ('p', '2026-01-01', 5, 'e');
INSERT INTO selection_date (id, employee_id, month, ordinal, day, agreement_id, state)
VALUES ('t', 'p', '2026-01-01', 2, '2026-01-20', 'a', 'announced');
INSERT INTO selection_date (id, employee_id, month, ordinal, day, announced_at, state)
VALUES ('u', 'p', '2026-01-01', 3, '2026-01-21', '2026-01-02', 'withdrawn')
"""
REFUSED_0020 = (
    "UPDATE selection_date SET agreement_id = NULL WHERE id = 't'",
    "UPDATE selection_date SET agreement_id = 'none' WHERE id = 't'",
    "UPDATE slot_allowance SET exception_id = NULL WHERE slot = 5",
    "UPDATE slot_allowance SET exception_id = 'none' WHERE slot = 5",
    "INSERT INTO unannounced_agreement (id, employee_id, asked_at, reason)"
    " VALUES ('b', 'p', '2026-01-03', '')",
)


def test_conversations_go_up_and_down_with_data(empty: Database) -> None:
    """0024: reports of before have none; down takes conversations and leaves their report."""
    migrating.upgrade(empty, "0014")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0015.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0024")
    with empty.engine.begin() as connection:
        for statement in AT_0024.strip().split(";"):
            connection.execute(text(statement))
    with pytest.raises(DBAPIError), empty.engine.begin() as connection:
        connection.execute(text(POINT.format("q")))  # a report agrees each of its points once
    migrating.downgrade(empty, "0014")
    assert not TALK & set(inspect(empty.engine).get_table_names())
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM report")).scalar_one() == 1
    migrating.upgrade(empty, "0024")
    with empty.engine.connect() as connection:
        for name in TALK:
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() == 0  # noqa: S608


TALK = {"conversation", "conversation_text", "signed_version", "report_signature", "improvement_point"}
POINT = (
    "INSERT INTO improvement_point (id, report_id, ordinal, content, agreed_at)"
    " VALUES ('{}', 'r', 1, 'x', '2026-11-03')"
)
AT_0024 = f"""
INSERT INTO conversation (report_id, state, sequence, version) VALUES ('r', 'open', 0, 1);
INSERT INTO conversation_text (report_id, part, content, revision, saved_at, saved_by_id)
VALUES ('r', 'together', 'x', 1, '2026-11-03', 'p');
INSERT INTO signed_version (report_id, version, content, digest) VALUES ('r', 1, 'x', 'd');
INSERT INTO report_signature (report_id, version, side, person_id, signed_at, digest)
VALUES ('r', 1, 'coach', 'p', '2026-11-03', 'd');
{POINT.format("i")}
"""  # noqa: S608


def test_shared_calls_go_up_and_down_with_data(empty: Database) -> None:
    """0026: a consent goes with its recording, its session and sheets with it; down leaves the rest alone."""
    migrating.upgrade(empty)
    with empty.engine.begin() as connection:
        for statement in OF_0026.strip().split(";"):
            connection.execute(text(statement))
        connection.execute(text("DELETE FROM recording"))
        for table in ("call_consent", "calibration", "calibration_scorer", "calibration_sheet"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table  # noqa: S608
        assert connection.scalar(text("SELECT count(*) FROM item_interpretation")) == 1
    migrating.downgrade(empty, "0019")
    tables = set(inspect(empty.engine).get_table_names())
    assert not tables & {"call_consent", "calibration", "training", "item_interpretation"}
    with empty.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM person")) == 1
    migrating.upgrade(empty)


OF_0026 = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
    scope, nature, line, agent_id, employee_id, size, content_digest, due_at, due_rule, sample_barred)
VALUES ('r', 'x', 'c', 'e', 'live', '2026-11-01 09:00:00', '2026-11-01 09:00:00', 1, 'incoming', 'external',
    'business', 'main', 'a', 'p', 1, 'd', '2026-11-29 09:00:00', 'RET-1', false);
INSERT INTO training (id, name, kind, trainer_id, begins, ends, created_at)
VALUES ('t', 'T', 'coaching', 'p', '2026-11-01', '2026-11-02', '2026-11-01 09:00:00');
INSERT INTO call_consent (id, recording_id, employee_id, purpose, training_id, state)
VALUES ('1', 'r', 'p', 'calibration', NULL, 'given'), ('2', 'r', 'p', 'training', 't', 'asked');
INSERT INTO calibration (id, consent_id, facilitator_id, form_version, ends, created_at)
VALUES ('k', '1', 'p', 1, '2026-11-02', '2026-11-01 09:00:00');
INSERT INTO calibration_scorer (calibration_id, coach_id) VALUES ('k', 'p');
INSERT INTO calibration_sheet (id, calibration_id, coach_id, content, revision, saved_at)
VALUES ('s', 'k', 'p', 'sealed', 1, '2026-11-01 09:00:00');
INSERT INTO item_interpretation (id, form_version, item, nl, en, agreed_at)
VALUES ('i', 1, 5, 'Twee', '', '2026-11-01 09:00:00')
"""
