"""Dutch and English: which language a request speaks, and how days, moments and durations read; the words
lie in translations.
"""

from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date as babel_date
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, get_locale, gettext

from kcc import clock
from kcc.errors import KccError
from kcc.web import sessions as cookies

LANGUAGES = ("nl", "en")
COOKIE = "language"


def choose() -> str:
    """The language of this request: the cookie's, else the signed-in person's, else what the browser asks,
    else Dutch.
    """
    if not has_request_context():
        return LANGUAGES[0]
    cookie = cookies.name(secure=current_app.config["SESSION_COOKIE_SECURE"], of=COOKIE)
    for chosen in (request.cookies.get(cookie), g.get("kcc_language")):
        if chosen in LANGUAGES:
            return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def sentence(error: KccError) -> str:
    """An error's sentence in the language of this request."""
    return str(gettext(error.message, **error.params))


def day(value: date) -> str:
    """A day as people say it: di 3 nov."""
    return _day(clock.local_day(value) if isinstance(value, datetime) else value, _language())


def _language() -> str:
    return str(get_locale() or LANGUAGES[0])


@lru_cache(4096)
def _day(value: date, language: str) -> str:
    return babel_date(value, "EEE d MMM", language).replace(".", "")


def moment(value: datetime) -> str:
    """An instant as people say it: di 3 nov, 14:05."""
    return f"{day(clock.local_day(value))}, {format_datetime(value, 'HH:mm')}"


def long_day(value: date) -> str:
    """A day in full: dinsdag 3 november 2026."""
    return str(format_date(value, "EEEE d MMMM y"))


def duration(milliseconds: int) -> str:
    """A length of sound: 4:12, or 1:04:12."""
    minutes, seconds = divmod((milliseconds + 500) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def install(app: Flask) -> None:
    """Make languages and filters known to the templates."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = str(clock.LOCAL)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    Babel(app, locale_selector=choose)
    filters = {"day": day, "moment": moment, "long_day": long_day, "duration": duration}
    app.jinja_env.filters.update(filters)

    @app.context_processor
    def language() -> dict[str, object]:
        return {"current_locale": _language(), "languages": LANGUAGES}
