"""What somebody came with, in a word or two from what the browser says of itself; never the whole of it."""

import re
from dataclasses import dataclass

BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\b(?:OPR|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bVersion/[\d.]+ .*Safari/"),
)
"""In the order of looking: most of them also call themselves Chrome, and nearly all Safari."""
SYSTEMS = (
    ("iPad", r"\biPad\b"),
    ("iPhone", r"\biPhone\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows NT\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)
LONGEST = 500
"""So much of what a browser says is looked at."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Words of ours alone, such as Firefox and Windows; None for what they do not know."""

    name: str | None = None
    system: str | None = None


def named(user_agent: str) -> Browser:
    """The browser and its system, as far as they say."""
    said = user_agent[:LONGEST]
    return Browser(_first(BROWSERS, said), _first(SYSTEMS, said))


def _first(words: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((word for word, pattern in words if re.search(pattern, said)), None)
