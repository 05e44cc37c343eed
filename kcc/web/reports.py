"""Counting what browsers say that they refused on our pages: by directive and day, nothing about anybody."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.db import count_up
from kcc.web.model import BrowserReport

LARGEST = 16 * 1024
"""Bytes of one delivery: a browser sends a report or a few, each of a kilobyte."""
MOST = 20
"""Reports of one delivery that are counted."""
SHOWN, KEPT = timedelta(days=7), timedelta(days=90)
DIRECTIVES = frozenset(
    {
        "default-src",
        "script-src",
        "script-src-elem",
        "script-src-attr",
        "style-src",
        "style-src-elem",
        "style-src-attr",
        "img-src",
        "font-src",
        "media-src",
        "connect-src",
        "worker-src",
        "frame-src",
        "object-src",
        "manifest-src",
        "form-action",
        "base-uri",
        "frame-ancestors",
    }
)
OTHER = "other"
"""Whatever else a report says: who sends one may write anything in it."""


def directives(body: bytes) -> Counter[str]:
    """How often each directive is reported in a delivery, in the old shape (report-uri) or the new
    (report-to); nothing for what is neither.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Counter()
    reports = told if isinstance(told, list) else [told]
    found = (_directive(report) for report in reports[:MOST])
    return Counter(directive for directive in found if directive)


def _directive(report: Any) -> str:
    if not isinstance(report, dict):
        return ""
    old = report.get("csp-report")
    new = report.get("body") if report.get("type") == "csp-violation" else None
    if isinstance(old, dict):
        said = old.get("effective-directive") or old.get("violated-directive")
    elif isinstance(new, dict):
        said = new.get("effectiveDirective")
    else:
        return ""
    word = said.split(" ", 1)[0] if isinstance(said, str) else ""
    return word if word in DIRECTIVES else OTHER


def count(session: Session, found: Counter[str]) -> None:
    """Add to today's counts; in one order, so that two deliveries never wait for each other."""
    for directive in sorted(found):
        count_up(session, BrowserReport, {"day": clock.today(), "directive": directive}, found[directive])


def counted(session: Session) -> dict[str, int]:
    """The last seven days' counts by directive."""
    since = clock.local_day(clock.now() - SHOWN)
    query = (
        select(BrowserReport.directive, func.sum(BrowserReport.count))
        .where(BrowserReport.day > since)
        .group_by(BrowserReport.directive)
        .order_by(BrowserReport.directive)
    )
    return {directive: int(number) for directive, number in session.execute(query)}


def forget(session: Session) -> int:
    """Remove counts of more than 90 days ago."""
    old = delete(BrowserReport).where(BrowserReport.day < clock.local_day(clock.now() - KEPT))
    return session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]
