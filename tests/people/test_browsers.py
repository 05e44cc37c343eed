"""What browsers say of themselves, in a word or two of ours."""

import pytest

from kcc.people.browsers import Browser, named

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("said", "browser", "system"),
    [
        (f"{WINDOWS}; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Windows"),
        (f"{WINDOWS}) {WEBKIT} Safari/537.36", "Chrome", "Windows"),
        (f"{WINDOWS}) {WEBKIT} Safari/537.36 Edg/140.0.0.0", "Edge", "Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Safari/537.36 OPR/110.0", "Opera", "Linux"),
        (f"Mozilla/5.0 (Linux; Android 15; K) {WEBKIT} Mobile Safari/537.36", "Chrome", "Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Safari/537.36", "Chrome", "ChromeOS"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.0 Safari/605.1.15",
            "Safari",
            "macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome",
            "iPhone",
        ),
        ("curl/8.5.0", None, None),
        ("", None, None),
        ("<script>alert(1)</script>", None, None),
        ("x" * 100_000 + " Firefox/1", None, None),
    ],
)
def test_a_browser_is_named_in_words_of_ours(said: str, browser: str | None, system: str | None) -> None:
    """The whole of what it says is kept nowhere."""
    assert named(said) == Browser(browser, system)
