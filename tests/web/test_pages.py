"""kcc.web.pages: the assets with their long lives, and the shell: who is here, their tasks, and why."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from kcc.people.model import Person
from kcc.web import pages
from tests.centre import Centre
from tests.conftest import Client

TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "txt": "text/plain",
}
MENUS = {
    "anna": ["/calls", "/criteria", "/my-draws", "/reports", "/summaries", "/trainings"],
    "coach": [
        "/calibrations",
        "/centre",
        "/criteria",
        "/opinions",
        "/reports",
        "/samples",
        "/summaries",
        "/trainings",
    ],
    "lead": ["/cases", "/summaries", "/team"],
    "manager": ["/cases", "/cases/counts", "/centre", "/threats/counts"],
    "officer": [
        "/audit",
        "/cases",
        "/cases/counts",
        "/checkpoints",
        "/disclosures",
        "/draws",
        "/threats/counts",
        "/who-may-what/explain",
    ],
    "administrator": ["/lines", "/people", "/status"],
    "council": ["/cases/counts", "/centre", "/checkpoints", "/draws", "/threats/counts"],
}


def test_assets_are_kept_for_a_year_under_a_name_of_their_content(client: Client) -> None:
    """Each with the type that its ending says, and to anybody: they hold nothing of anybody."""
    found = json.loads((pages.ASSETS / "manifest.json").read_text())
    files = [
        path for path in pages.ASSETS.rglob("*") if path.suffix in (".css", ".js", ".svg", ".woff2", ".txt")
    ]
    assert {path.suffix for path in files} >= {".css", ".js", ".svg", ".woff2"}
    assert {str(path.relative_to(pages.ASSETS)) for path in files} >= set(found.values())
    for path in files:
        name = path.relative_to(pages.ASSETS).as_posix()
        answer = client.get(f"/assets/{name}", buffered=True)
        assert answer.status_code == 200
        assert answer.mimetype == TYPES[path.suffix[1:]], name
        assert answer.cache_control.max_age == 31_536_000
        assert answer.data == path.read_bytes()
        assert re.search(r"[0-9a-f]{10}", name), f"{name} could change under its name"


@pytest.mark.rule("SEC-1")
def test_no_address_reaches_beyond_the_assets(client: Client) -> None:
    """However the dots are written."""
    for way in (
        "../pages.py",
        "..%2fpages.py",
        "%2e%2e/pages.py",
        "%2e%2e%2fpages.py",
        "..%5cpages.py",
        "x/../../pages.py",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "....//pages.py",
        "kcc.css%00",
        "",
        "player",
    ):
        answer = client.get(f"/assets/{way}", buffered=True)
        assert answer.status_code in (404, 308), way
        assert "ASSETS" not in answer.text
        assert "root:" not in answer.text


def test_the_menu_shows_what_the_function_opens(
    app: Flask, centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """Every entry opens, and no page of a task opens that is not in the menu."""
    tasks = {task.endpoint for task in app.extensions["kcc.tasks"]}
    with app.test_request_context():
        addresses = sorted(app.url_map.bind("").build(endpoint) for endpoint in tasks)
    for name, menu in MENUS.items():
        browser = browser_as(getattr(centre, name))
        page = browser.get("/account").text
        bar = re.search(r'<ul class="kcc-tasks">(.*?)</nav>', page, re.DOTALL)
        shown = re.findall(r'href="([^"]+)"', bar.group(1)) if bar else []
        assert sorted(shown) == menu, name
        assert ('class="kcc-more"' in page) is (len(menu) > pages.IN_THE_BAR), name
        opened = [address for address in addresses if browser.get(address).status_code == 200]
        assert opened == menu, name


def test_the_start_page_is_the_first_task_or_ones_own_account(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    for name, menu in MENUS.items():
        target = browser_as(getattr(centre, name)).get("/").headers["Location"]
        assert target in (menu or ["/account"]), name


def test_a_page_says_why_it_is_seen(centre: Centre, browser_as: Callable[[str], Client]) -> None:
    """In words, from the permit; in both languages."""
    browser = browser_as(centre.administrator)
    assert "Je ziet dit omdat" in browser.get("/status").text
    browser.flask.set_cookie("language", "en")
    assert "You see this because it belongs to your function." in browser.get("/status").text


def test_names_are_text_whatever_they_hold(client: Client, centre: Centre) -> None:
    """A name is not markup."""
    name = "<script>alert(1)</script> \"Anna\" & 'co'"
    with centre.stores.database.write() as session:
        session.execute(update(Person).where(Person.id == centre.anna).values(name=name))
    page = client.sign_in(centre.anna).get("/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34;Anna&#34; &amp; &#39;co&#39;" in page
