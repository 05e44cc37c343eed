"""`make screenshots`: every page in both languages and looks and at four widths, to be looked at by people.

They go to ./screenshots, one folder a page. Words after the command choose pages whose name has one of them.
"""

import sys
import tempfile
from pathlib import Path

from .chromium import launched
from .pages import PAGES
from .viewing import Look, Viewer, installations

TARGET = Path("screenshots")
LOOKS = [Look(language, "light", width) for language in ("nl", "en") for width in (320, 768, 1280, 1920)]
LOOKS.append(Look("nl", "dark", 1280))


def take(words: list[str]) -> int:
    """Take the pictures of the pages chosen, or of all; gives their number."""
    chosen = [shown for shown in PAGES if not words or any(word in shown.name for word in words)]
    with (
        tempfile.TemporaryDirectory() as folder,
        installations(Path(folder)) as places,
        launched() as chromium,
    ):
        for look in LOOKS:
            viewer = Viewer(chromium, places, look)
            for shown in chosen:
                page, _ = viewer.show(shown)
                page.evaluate("document.fonts.ready")
                page.screenshot(path=TARGET / shown.name / f"{look}.png", full_page=True)
                page.close()
            viewer.close()
            sys.stderr.write(f"{look}: {len(chosen)} pages\n")
    return len(chosen) * len(LOOKS)


if __name__ == "__main__":
    sys.stdout.write(f"{take(sys.argv[1:])} pictures in {TARGET.resolve()}\n")
