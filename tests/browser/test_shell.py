"""The frame and the components: accessible, within the screen's width, reachable by keyboard."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import Gallery

pytestmark = pytest.mark.browser
RULES = {
    "resultTypes": ["violations"],  # what passes is neither gathered nor sent
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


def violations(page: Page, part: str = "html") -> list[str]:
    """What axe-core finds, one line per element."""
    found = Axe().run(page, context=part, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]
    ]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing(
    gallery: Gallery,
    new_page: Callable[..., Page],
    complaints: list[str],
    width: int,
    theme: str,
    language: str,
) -> None:
    """axe-core finds nothing in either language, theme and at the narrowest and a common width."""
    page = new_page(width)
    page.goto(f"{gallery.url}/?lang={language}&theme={theme}&errors=1")
    assert violations(page) == []
    page.locator(".kcc-menu summary").click()
    assert violations(page, ".kcc-menu") == []
    assert complaints == []


@pytest.mark.parametrize("rows", [0, 1, 300])
@pytest.mark.parametrize("width", [320, 768, 1280, 1920])
def test_nothing_is_wider_than_the_screen(
    gallery: Gallery, new_page: Callable[..., Page], width: int, rows: int
) -> None:
    """No sideways scrolling of the page, with no, one and many rows, long names and long compounds."""
    page = new_page(width)
    page.goto(f"{gallery.url}/?rows={rows}&errors=1")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_text_may_be_enlarged_twice(gallery: Gallery, new_page: Callable[..., Page]) -> None:
    """At twice the text size (WCAG 1.4.4) on a 1280 px screen nothing runs off it."""
    page = new_page(640, device_scale_factor=2)
    page.goto(gallery.url)
    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_the_skip_link_comes_first_and_leads_to_the_content(
    gallery: Gallery, new_page: Callable[..., Page]
) -> None:
    """One Tab shows it, Enter brings the focus into main."""
    page = new_page()
    page.goto(gallery.url)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Naar de inhoud")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_keyboard_reaches_everything(gallery: Gallery, new_page: Callable[..., Page]) -> None:
    """Tab stops at every visible control (one radio button of each group) and shows the focus each time."""
    page = new_page()
    page.goto(f"{gallery.url}/?rows=3")
    wanted = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll('a[href],button,input,select,textarea,summary')].filter(
            (e) => !e.disabled && e.type !== 'hidden' && e.checkVisibility({contentVisibilityAuto: true}));
          const radios = new Set(all.filter((e) => e.type === 'radio').map((e) => e.name));
          return all.filter((e) => e.type !== 'radio').length + radios.size;
        }"""
    )
    reached = 0
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """() => {
              const e = document.activeElement;
              if (e === document.body || e.dataset.seen) return null;
              e.dataset.seen = 1;
              const shown = e.type === 'radio' ? e.closest('label') : e;
              return {own: e.matches('a,button,input,select,textarea,summary'),
                      outline: getComputedStyle(shown).outlineStyle};
            }"""
        )
        if focus is None:
            break
        assert focus["outline"] == "solid", page.evaluate("document.activeElement.outerHTML")
        reached += focus["own"]
    assert reached == wanted


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(
    gallery: Gallery, new_page: Callable[..., Page]
) -> None:
    """After a refused form: the summary has the focus, the title says so, its links go to the fields."""
    page = new_page()
    page.goto(f"{gallery.url}/?errors=1")
    expect(page).to_have_title("Fout: Galerij – kcc")
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary").get_by_role("link").first.click()
    expect(page.locator("#password")).to_be_focused()
    assert page.locator("#password").get_attribute("aria-invalid") == "true"
    expect(page.locator("#password")).to_have_accessible_description(
        "Fout: Dit wachtwoord is te kort: 15 tekens of meer."
    )


def test_the_own_menu_closes_with_escape_and_gives_the_focus_back(
    gallery: Gallery, new_page: Callable[..., Page]
) -> None:
    """Opened by keyboard, closed by Escape or by a press elsewhere."""
    page = new_page()
    page.goto(gallery.url)
    summary = page.locator(".kcc-menu summary")
    summary.press("Enter")
    expect(page.get_by_role("button", name="Uitloggen", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Uitloggen", exact=True)).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_table_keeps_its_meaning_when_it_becomes_cards(
    gallery: Gallery, new_page: Callable[..., Page]
) -> None:
    """At 320 px each row is a card with the column's name in it, and still a table to a screen reader."""
    page = new_page(320)
    page.goto(gallery.url)
    table = page.get_by_role("table", name="Opnamen van de laatste 28 dagen")
    assert table.get_by_role("row").count() == 7
    assert (
        table.get_by_role("cell").first.evaluate("e => getComputedStyle(e, '::before').content") == '"Duur"'
    )


def test_the_explicit_theme_wins_over_the_system(gallery: Gallery, new_page: Callable[..., Page]) -> None:
    """Dark on a light system when asked for, light on a dark one, and the system's own without a choice."""
    grounds = {}
    for system in ("light", "dark"):
        page = new_page(color_scheme=system)
        for theme in ("light", "dark", ""):
            page.goto(f"{gallery.url}/?theme={theme}")
            grounds[system, theme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds["light", "dark"] == grounds["dark", "dark"] == grounds["dark", ""] == "rgb(20, 25, 31)"
    assert (
        grounds["light", "light"] == grounds["dark", "light"] == grounds["light", ""] == "rgb(255, 255, 255)"
    )


def test_the_font_is_our_own(gallery: Gallery, new_page: Callable[..., Page]) -> None:
    """Fira Sans is loaded from the build, the extended Latin part too when a name needs it."""
    page = new_page()
    page.goto(gallery.url)
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert set(loaded) == {"Fira Sans"}
    assert page.evaluate("document.fonts.check('500 16px \"Fira Sans\"', 'ğ')")


def test_reduced_motion_is_obeyed(gallery: Gallery, new_page: Callable[..., Page]) -> None:
    """Nothing moves by itself for those who ask for that."""
    page = new_page(reduced_motion="reduce")
    page.goto(gallery.url)
    assert page.evaluate("document.getAnimations().length") == 0
