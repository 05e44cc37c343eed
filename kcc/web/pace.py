"""How often somebody may ask, by what they ask for, over all machines: flask-limiter with its budgets in our
database; how a budget is counted is budgets'.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits.storage.base import MovingWindowSupport, Storage

from kcc import clock
from kcc.access.actions import Action
from kcc.errors import N_, KccError
from kcc.sections import Server
from kcc.wall.rights import Role
from kcc.web import identity
from kcc.web.budgets import Budgets

BUDGETS = "kcc.budgets"
MINUTE = 60.0
SCHEME = "kcc"

UNCOUNTED = frozenset(
    {
        Action.SOUND_FETCH,
        Action.METRICS_READ,
        Action.RECORDING_INTAKE,
        Action.VCON_DELIVER,
        Action.PEOPLE_PROVISION,
    }
)
"""Sound is limited by its lease; machines are counted by kcc.web.bearer, once it is known who they are."""
EXPORTS = frozenset(
    {Action.AUDIT_EXPORT, Action.REPORT_TAKE, Action.DISCLOSURE_TAKE, Action.POLICE_COPY_TAKE}
)
"""What takes much out of the house, or much work to make."""
EXPORTS_PER_MINUTE = 6
REPORTS_PER_MINUTE = 30
PROOFS_PER_MINUTE = 120
"""Passwords that one person has weighed, a letter at a time, or changed: each costs a tenth of a second."""
PROOFS = frozenset({Action.ACCOUNT_MANAGE})
REPORTS = "browser_reports.take"
FREE = frozenset({"assets", REPORTS})
"""Files that are everybody's, and what has a budget of its own."""


class TooOften(KccError):
    """A budget is spent; `params["seconds"]` says when to come again."""

    status = 429
    code = "too_often"


class DatabaseStorage(Storage, MovingWindowSupport):
    """Our budgets under the name by which `limits` finds a storage; it counts in the moving window alone."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - limits declares it so

    def __init__(self, uri: str | None = None, *, budgets: Budgets, **options: Any) -> None:
        super().__init__(uri, **options)
        self._budgets = budgets

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong here is told by our own errors."""
        return KccError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take from a budget."""
        return self._budgets.take(key, limit, expiry, amount)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Such that the window ends when there is one again."""
        ready = self._budgets.ready_at(key, limit, expiry)
        return ready - expiry, limit if ready > clock.now().timestamp() else 0

    def check(self) -> bool:
        """Whether the database answers."""
        with self._budgets.database.read():
            return True

    def clear(self, key: str) -> None:
        """Give a budget back."""
        self._budgets.clear(key)

    def _other(self, *_: object) -> int:
        raise NotImplementedError("kcc counts in the moving window")

    # What the library asks of a storage for windows that stand still.
    incr = get = get_expiry = reset = _other  # type: ignore[assignment]


def install(app: Flask, actions: Mapping[str, Action], key: bytes) -> None:
    """Count requests from here on: after the check of form tokens, before anything is looked up."""
    budgets = Budgets(identity.stores_of(app).acting(Role.GATE).database, key)
    app.extensions[BUDGETS] = budgets
    Limiter(
        _asker,
        app=app,
        strategy="moving-window",
        storage_uri=f"{SCHEME}://",
        storage_options={"budgets": budgets},  # type: ignore[dict-item] # what our own storage takes
        application_limits=_limits(actions, identity.stores_of(app).settings.server),  # type: ignore[arg-type]
        request_identifier=lambda: request.endpoint or "unknown",
        on_breach=_refuse,
    )


def wait(kind: str, asker: str, per_minute: int) -> int:
    """Take one from a machine's budget: 0, or in how many seconds there is one again."""
    budgets: Budgets = current_app.extensions[BUDGETS]
    name = f"{kind} {asker}"
    return (
        0 if budgets.take(name, per_minute, MINUTE) else _seconds(budgets.ready_at(name, per_minute, MINUTE))
    )


def _limits(actions: Mapping[str, Action], server: Server) -> list[ApplicationLimit]:
    """Each kind of budget: how much a minute, whose it is, and which requests it is not about."""

    def action() -> Action | None:
        return actions.get(request.endpoint or "")

    def general() -> bool:
        return action() not in UNCOUNTED and request.endpoint not in FREE

    def posted(wanted: frozenset[Action]) -> bool:
        return request.method == "POST" and action() in wanted

    rows: tuple[tuple[str, int, Callable[[], str], Callable[[], bool]], ...] = (
        ("requests", server.requests_per_minute, _asker, general),
        ("signin", server.signins_per_minute, _address, lambda: posted(frozenset({Action.SIGN_IN}))),
        ("proofs", PROOFS_PER_MINUTE, _asker, lambda: posted(PROOFS)),
        ("exports", EXPORTS_PER_MINUTE, _asker, lambda: action() in EXPORTS and _known()),
        ("reports", REPORTS_PER_MINUTE, _address, lambda: request.endpoint == REPORTS),
    )
    return [
        ApplicationLimit(
            limit_provider=f"{most}/minute", scope=name, key_function=whose, exempt_when=_unless(counts)
        )
        for name, most, whose, counts in rows
    ]


def _unless(counts: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: not counts()


def _asker() -> str:
    actor = identity.optional_actor()
    return f"person {actor.person_id}" if actor else _address()


def _known() -> bool:
    """Whether somebody is signed in: nobody else gets so far as an export, and strangers share an address."""
    return identity.optional_actor() is not None


def _address() -> str:
    return f"address {request.remote_addr}"


def _refuse(spent: RequestLimit) -> None:
    sentence = N_("That was too often. You can go on in %(seconds)s seconds.")
    raise TooOften(sentence, seconds=_seconds(spent.window.reset_time))


def _seconds(ready_at: float) -> int:
    return max(1, math.ceil(ready_at - clock.now().timestamp()))
