"""Why a session is over, told to whoever still carries its secret; ending by hand lives in sessions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.facts import PersonFacts
from kcc.audit import record
from kcc.errors import N_
from kcc.people.model import SigninSession
from kcc.people.queries import actor_of
from kcc.people.sessions import Why, close, digest, open_ones, posts_digest
from kcc.sections import Signin

SENTENCES = {
    "": N_("Your session has ended. Sign in again to go on where you were."),
    Why.FUNCTIONS: N_(
        "Your functions in kcc have changed, so you have been signed out. Sign in again with those you have "
        "now."
    ),
    Why.DISPLACED: N_(
        "This session has ended, since you signed in in a third browser: two at a time is the most. Was that "
        "not you? Then change your password and tell the administrator."
    ),
    Why.SIGNED_OUT: N_(
        "This session was ended from another browser of yours, or by a new password. Was that not you? Then "
        "tell the administrator."
    ),
}
"""What to tell, by the reason; the first where there is nothing to say but that it is over."""


def of(session: Session, token: str, limits: Signin) -> str:
    """The sentence about a session that works no more; also of one that never was."""
    return SENTENCES[_why(session, token, limits)[1]]


def changed_functions(session: Session, token: str, limits: Signin) -> bool:
    """Whether a session is over for the functions of its person alone, and that is not written down yet."""
    mine, why = _why(session, token, limits)
    return mine is not None and mine.ended_at is None and why == Why.FUNCTIONS


def note_changed_functions(session: Session, token: str, limits: Signin) -> None:
    """End a session whose person holds other functions now, so that it stays over when those come back."""
    mine, why = _why(session, token, limits)
    if mine is None or not changed_functions(session, token, limits):
        return
    subject = policy.Subject("person", mine.person_id)
    facts = PersonFacts(mine.person_id)
    permit = policy.permit(system("sessions"), Action.ACCOUNT_MANAGE, subject, facts)
    record.act(session, permit, act="sign out", why=why)
    close(session, SigninSession.id == mine.id, Why.FUNCTIONS)


def _why(session: Session, token: str, limits: Signin) -> tuple[SigninSession | None, str]:
    mine = session.scalar(select(SigninSession).where(SigninSession.token_digest == digest(token)))
    if mine is None:
        return None, ""
    if mine.ended_at is not None:
        return mine, mine.ended_why if mine.ended_why in SENTENCES else ""
    in_time = session.scalar(select(SigninSession.id).where(SigninSession.id == mine.id, *open_ones(limits)))
    posts = actor_of(session, mine.person_id, clock.today()).posts
    return mine, Why.FUNCTIONS if in_time and posts_digest(posts) != mine.posts_digest else ""
