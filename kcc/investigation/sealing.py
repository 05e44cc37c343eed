"""The words of a case, sealed under a key of its own: what they are is decisions' and closing's."""

import json
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.investigation.model import Case, CaseDecision
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyGone, KeyStore

NO_WORDS = b""


def seal_decision(key: bytes, decision_id: str, words: Mapping[str, object]) -> bytes:
    """What a decision says, sealed for its own row."""
    return seal_text(key, f"case_decision.content:{decision_id}", json.dumps(words, ensure_ascii=False))


def open_decision(keys: KeyStore, found: CaseDecision) -> dict[str, str]:
    """What a decision says; empty once it was erased. The caller has settled who may read it."""
    try:
        key = keys.get(found.case_id)
    except KeyGone:
        return {}
    said: dict[str, str] = json.loads(open_text(key, f"case_decision.content:{found.id}", found.content))
    return said


def seal_ending(key: bytes, case_id: str, words: str) -> bytes:
    """Why a case ended, sealed for its row."""
    return seal_text(key, f"weighty_case.ending:{case_id}", words)


def open_ending(keys: KeyStore, found: Case) -> str:
    """Why a case ended; empty where nobody said so, or once it was erased."""
    if not found.ending:
        return ""
    try:
        return open_text(keys.get(found.id), f"weighty_case.ending:{found.id}", found.ending)
    except KeyGone:
        return ""


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are a case's: its key is no stray."""
    return set(session.scalars(select(Case.id).where(Case.id.in_(ids))))


def expected(session: Session) -> Iterator[str]:
    """The ids that must have a key: the cases whose words are still there."""
    yield from session.scalars(select(Case.id).where(Case.erased_at.is_(None)))
