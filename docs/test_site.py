"""The built site in a real browser: every page, every internal link, no error.

Build it first, then run ``python -m pytest docs/test_site.py -n 2``.
"""

import os
import re
import shutil
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote_plus, unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import sync_playwright

SITE = Path(__file__).parent / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE_WIDTH = 390
# The theme lets the article scroll where the page would; code and tables may.
PIXELS_HIDDEN_SIDEWAYS = """() => Math.max(
    ...[...document.querySelectorAll("html, main, article, .bd-article-container")]
        .map(part => part.scrollWidth - part.clientWidth)
)"""


class Links(HTMLParser):
    """What a page refers to, and the anchors that it has."""

    def __init__(self, html):
        super().__init__()
        self.targets, self.anchors = set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name in ("href", "src"):
            if attributes.get(name):
                self.targets.add(attributes[name])
        for candidate in (attributes.get("srcset") or "").split(","):
            if candidate.strip():
                self.targets.add(candidate.split()[0])
        for name in ("id", "name"):
            if attributes.get(name):
                self.anchors.add(attributes[name])


def links_of(page):
    return Links((SITE / page).read_text(encoding="utf-8"))


def internal_targets(page):
    """(path below the site, fragment) of all that a page refers to on this site."""
    for target in links_of(page).targets:
        parts = urlsplit(urljoin(f"http://site/{page}", target))
        if parts.scheme == "http" and parts.netloc == "site":
            path = unquote(parts.path).lstrip("/")
            if path.endswith("/") or not path:
                path += "index.html"
            yield target, path, unquote(parts.fragment)


def reachable_pages():
    """All pages to which links lead from the front page."""
    found, waiting = {"index.html"}, ["index.html"]
    while waiting:
        for _, path, _ in internal_targets(waiting.pop()):
            if path.endswith(".html") and path not in found and (SITE / path).exists():
                found.add(path)
                waiting.append(path)
    return sorted(found)


PAGES = reachable_pages() if SITE.exists() else []


@pytest.fixture(scope="session")
def address():
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


@pytest.fixture(scope="session")
def browser():
    executable = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, BROWSERS)), None
    )
    if executable is None:
        pytest.fail("No Chromium was found: set the variable CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=BROWSER_FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture
def tab(browser):
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    yield tab
    tab.close()


def test_site_is_built():
    assert PAGES, f"Build the site first: there is none in {SITE}."
    assert {"index.html", "api.html", "gallery/index.html"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_internal_links_lead_somewhere(page):
    broken = []
    for target, path, fragment in internal_targets(page):
        # A text fragment, as of an estimator's repr, is for the browser to find.
        is_anchor = fragment and ":~:" not in fragment and path.endswith(".html")
        if not (SITE / path).is_file() or (
            is_anchor and fragment not in links_of(path).anchors
        ):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("api/")])
def test_api_page_is_of_this_library(page):
    html = (SITE / page).read_text(encoding="utf-8")
    assert "Added in version" not in html, "a release of scikit-learn"
    assert not re.search(r"<li>\s*(<p>\s*</p>)?\s*</li>", html), "a list for 'G.'"


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_without_errors(page, tab, address):
    errors = []

    def note_request(request):
        if not request.url.startswith((address, "data:", "blob:")):
            errors.append(f"request to {request.url}")

    def note_response(response):
        if response.status >= 400:
            errors.append(f"{response.status} for {response.url}")

    def note_console(message):
        if message.type == "error":
            errors.append(f"console: {message.text}")

    tab.on("request", note_request)
    tab.on("response", note_response)
    tab.on("console", note_console)
    tab.on("pageerror", lambda error: errors.append(f"script: {error}"))
    tab.on("requestfailed", lambda request: errors.append(f"failed: {request.url}"))
    tab.goto(f"{address}/{page}", wait_until="load")
    tab.evaluate("() => window.MathJax?.startup?.promise")
    assert tab.locator("mjx-merror").count() == 0, "a formula that MathJax rejects"
    tab.wait_for_load_state("networkidle")

    tab.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    hidden = tab.evaluate(PIXELS_HIDDEN_SIDEWAYS)
    if hidden > 0:
        errors.append(f"scrolls {hidden} px sideways on a phone")
    assert not errors


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("AsymmetricFactorSensing", "api/lowrank_sense.AsymmetricFactorSensing"),
        ("cold start", "guide/ids"),
        ("impute", "guide/ids"),
        ("gpu", "faq"),
        ("cite", "citing"),
        ("nuclear norm", "glossary"),
        ("out of memory", "guide/memory"),
    ],
)
def test_search_finds(words, page, tab, address):
    tab.goto(f"{address}/search.html?q={quote_plus(words)}")
    hits = tab.locator("#search-results li a")
    hits.first.wait_for()
    addresses = hits.evaluate_all("links => links.map(link => link.href)")
    assert any(page in hit for hit in addresses)


def test_header_has_one_line(tab, address):
    tab.goto(f"{address}/index.html")
    links = tab.locator("header .bd-navbar-elements li.nav-item:visible")
    tops = [links.nth(i).bounding_box()["y"] for i in range(links.count())]
    assert tops and max(tops) - min(tops) < 10


def test_repr_of_an_estimator_links_to_its_page(tab, address):
    tab.goto(f"{address}/gallery/plot_recover_image.html")
    link = tab.locator("a.sk-estimator-doc-link[href]").first
    response = tab.request.get(link.evaluate("link => link.href"))
    assert response.ok
    assert response.url.endswith("/api/lowrank_sense.AsymmetricFactorSensing.html")
