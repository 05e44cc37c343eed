"""Where a form may lead on to: paths of this site alone."""

import re
from urllib.parse import urlsplit

LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


def local_path(typed: str | None, otherwise: str) -> str:
    """A path on this site to go on to, or `otherwise`: no other site, and nothing a browser reads as one."""
    if not typed or not LOCAL_PATH.fullmatch(typed):
        return otherwise
    try:
        parts = urlsplit(typed)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else typed
