"""The console in a real browser: Debian's Chromium, at desktop and phone width."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from console_server import Served
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from test_pages import every_page

CHROMIUM = os.environ.get("LYMER_CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
_PATIENCE = 15_000
_SWITCHES = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
)
DESKTOP = {"width": 1366, "height": 860}
PHONE = {"width": 390, "height": 844}


@dataclass
class Watched:
    """A page, and everything that went wrong or out on it."""

    page: Page
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[..., Watched]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium is missing: `make browser` fetches it.", pytrace=False)
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES.split())
        yield found
        found.close()


@pytest.fixture
def look(browser: Browser) -> Iterator[Open]:
    """Come in to a console with the token, in a browser of one's own."""
    contexts: list[BrowserContext] = []

    def come_in(served: Served, **options: object) -> Watched:
        context = browser.new_context(
            **{"viewport": DESKTOP, "permissions": ["clipboard-read", "clipboard-write"], **options}
        )
        contexts.append(context)
        context.set_default_timeout(_PATIENCE)
        page = context.new_page()
        watched = Watched(page)
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("pageerror", lambda error: watched.problems.append(str(error)))
        page.on("dialog", lambda dialog: watched.problems.append(f"dialog {dialog.message}"))
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and watched.problems.append(said.text),
        )
        page.goto(f"{served.address}/enter?token={served.access.token}")
        return watched

    yield come_in
    for context in contexts:
        context.close()


def is_outside(served: Served, url: str) -> bool:
    return not url.startswith((served.address + "/", "data:", "about:"))


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
def test_every_page_is_drawn_without_a_complaint(
    world: Served, look: Open, size: dict[str, int], scheme: str
) -> None:
    watched = look(world, viewport=size, color_scheme=scheme)
    for path in every_page(world):
        watched.page.goto(world.address + path)
        assert watched.page.locator("h1").first.is_visible(), path
        wide = watched.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{path} is {wide} wide"
    assert watched.problems == []
    assert [url for url in watched.requests if is_outside(world, url)] == []


def test_charts_are_really_drawn(world: Served, look: Open) -> None:
    page = look(world).page
    bars = page.locator("svg.timeline rect")
    boxes = [bars.nth(k).bounding_box() for k in range(bars.count())]
    assert len({round(box["height"]) for box in boxes if box}) > 5
    fill = bars.first.evaluate("bar => getComputedStyle(bar).fill")
    assert fill not in ("rgb(0, 0, 0)", "none", "")
    page.goto(world.address + "/campaigns")
    spark = page.locator("svg.spark rect").first.bounding_box()
    assert spark
    assert spark["height"] > 2
    botnet = world.one("SELECT botnet_id FROM live_days WHERE live_high IS NOT NULL ORDER BY 1")
    page.goto(f"{world.address}/botnets/{botnet}")
    band = page.locator("svg.live .band").first.bounding_box()
    assert band
    assert band["height"] > 3
    campaign = world.one("SELECT campaign_id FROM templates ORDER BY member_count DESC LIMIT 1")
    page.goto(f"{world.address}/campaigns/{campaign}")
    slot = page.locator(".template .slot").first
    colour = "e => getComputedStyle(e).backgroundColor"
    assert slot.evaluate(colour) != page.locator(".template").first.evaluate(colour)


def test_search_and_filter_as_one_types(world: Served, look: Open) -> None:
    watched = look(world)
    page = watched.page
    page.goto(world.address + "/campaigns")
    name = world.one("SELECT name FROM campaigns ORDER BY message_count LIMIT 1")
    with page.expect_response(lambda answer: "/campaigns?" in answer.url):
        page.locator(".filter input[name=q]").press_sequentially(name[:12], delay=5)
    page.wait_for_url("**/campaigns?q=*")
    page.wait_for_function("document.querySelectorAll('#found tbody tr').length < 20")
    assert name[:12] in page.locator("#found tbody").inner_text()
    page.locator(".filter input[name=q]").fill("")
    with page.expect_response(lambda answer: "kind=bulk" in answer.url):
        page.locator(".filter select[name=kind]").select_option("bulk")
    bulk = world.one("SELECT count(*) FROM campaigns WHERE kind = 'bulk'")
    page.wait_for_function(f"document.querySelectorAll('#found tbody tr').length === {bulk}")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("example")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=example")
    assert page.locator("#domains tbody tr").count() > 0
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/botnets")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator("tr.current").count() == 1
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    assert watched.problems == []


def test_a_decision_is_made_and_undone(pile: Served, look: Open) -> None:
    watched = look(pile)
    page = watched.page
    campaign = pile.one("SELECT campaign_id FROM campaigns ORDER BY 1 LIMIT 1")
    page.goto(f"{pile.address}/campaigns/{campaign}")
    before = page.locator("h1").inner_text()
    page.get_by_label("New name").fill("Named by hand")
    page.get_by_role("button", name="Rename").click()
    page.wait_for_url("**decided=made-1")
    assert page.locator("h1").inner_text() == "Named by hand"
    page.locator(".banner").get_by_role("button", name="Undo").click()
    page.wait_for_url("**decided=undone-1")
    assert page.locator("h1").inner_text() == before
    page.goto(pile.address + "/custody")
    assert "(undone)" in page.locator("main").inner_text()
    assert watched.problems == []


def test_without_a_script_the_pages_do_the_same(pile: Served, look: Open) -> None:
    page = look(pile, java_script_enabled=False).page
    page.goto(pile.address + "/campaigns")
    page.locator(".filter input[name=q]").fill("pills.example")
    page.locator(".filter").get_by_role("button", name="Show").click()
    assert page.locator("#found tbody tr").count() == 1
    page.locator("#found tbody a").first.click()
    page.get_by_label("Note").fill("seen without a script")
    page.get_by_role("button", name="Add the note").click()
    assert "seen without a script" in page.locator(".decided").inner_text()
    assert page.locator(".copy").first.is_hidden()


def test_what_is_copied_is_defanged(pile: Served, look: Open) -> None:
    page = look(pile).page
    campaign = pile.one("SELECT campaign_id FROM campaigns ORDER BY 1 LIMIT 1")
    domain = pile.one(
        "SELECT l.domain FROM links l JOIN campaign_messages c ON c.message_id = l.message_id "
        f"WHERE c.campaign_id = '{campaign}' LIMIT 1"
    )
    page.goto(f"{pile.address}/campaigns/{campaign}")
    page.locator(f"tr:has-text('{domain.partition('.')[0]}') [data-copy]").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == domain.replace(".", "[.]")


def test_hostile_mail_runs_nothing_and_reaches_nothing(hostile: Served, look: Open) -> None:
    watched = look(hostile)
    page = watched.page
    messages = [row["message_id"] for row in hostile.sql("SELECT message_id FROM messages")]
    assert len(messages) > 20
    pages = ["/", "/campaigns", "/messages", "/botnets", "/custody", "/search?q=alert"]
    pages += ["/sql?q=SELECT+subject,from_name,text+FROM+messages"]
    pages += [f"/campaigns/{r['campaign_id']}" for r in hostile.sql("SELECT * FROM campaigns")]
    pages += [f"/messages/{one}" for one in messages]
    for one in messages[::8]:
        pages += [f"/messages/{one}/view", f"/messages/{one}/raw", f"/messages/{one}/why"]
    for path in pages:
        page.goto(hostile.address + path)
        if path.startswith("/messages/") and path.count("/") == 2:
            page.locator("iframe.mail").scroll_into_view_if_needed()
            frame = page.frame_locator("iframe.mail")
            frame.locator("body").wait_for(state="attached")
            for tag in ("script", "a[href]", "form", "iframe", "svg", "link[href^=http]", "style"):
                assert frame.locator(tag).count() == 0, f"{path} {tag}"
        assert page.title() not in ("owned", ""), path
        # A frame has a height of its own, so that no mail can push our page out of sight.
        if not path.endswith("/view"):
            height = page.evaluate("document.documentElement.scrollHeight")
            assert height < 30_000, f"{path} is {height} high"
    assert watched.problems == []
    assert [url for url in watched.requests if is_outside(hostile, url)] == []


def test_names_that_turn_text_are_shown_as_they_are(hostile: Served, look: Open) -> None:
    page = look(hostile).page
    message = hostile.one("SELECT message_id FROM messages WHERE subject LIKE 'invoice%'")
    page.goto(f"{hostile.address}/messages/{message}")
    title = page.locator("h1").inner_text()
    assert "\\u202e" in title
    body = page.locator("body").inner_text() + page.title()
    assert not set(body) & set("\u202e\u202c\u2066\u2069\u200b\x1b\x07")
    frame = page.frame_locator("iframe.mail")
    page.locator("iframe.mail").scroll_into_view_if_needed()
    assert "\\u202e" in frame.locator("body").inner_text()
