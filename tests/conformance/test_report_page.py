"""The page of a report in a real browser: it filters, turns dark, fits a phone, stays offline."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser")

from autograd_conformance.cases import CHECKS, Outcome, Result, Status, Token
from autograd_conformance.report import Report
from autograd_conformance.reports.page import page
from autograd_conformance.subjects import SubjectSpec

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ROWS = ".family [data-text]"
OPS = ("exp", "sin", "softmax", "nn.functional.softmin", "linalg.svd", "sort", "mul")


def report() -> Report:
    """Two subjects; of `softmax` and `softmin` the gradients fail, `sort` crashes."""
    made = Report(["numpy", "python"], {"torch": "2.13.0", "seconds": 12.5})
    made.specs = {name: SubjectSpec("autograd_core", name) for name in made.subjects}
    made.nodes = {"softmax": ["S"], "nn.functional.softmin": ["N", "S"]}
    made.settings = {"ops": {"value": list(OPS), "origin": "--ops"}}
    for subject in made.subjects:
        for op in OPS:
            for check in CHECKS[:-1]:
                for sample in range(4):
                    token = Token(op, "float64", sample, check)
                    outcome = Outcome()
                    if "soft" in op and check == "gradients" and sample == 1:
                        outcome = Outcome(Status.FAIL, "gradient 0: values differ", "x" * 2000)
                        outcome.script = "import torch\nprint('</script>')"
                        outcome.graph = (
                            '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60">'
                            '<script>console.error("run")</script>'
                            '<image href="http://example.invalid/x.png"/></svg>'
                        )
                    elif op == "sort" and check == "values" and sample == 2:
                        outcome = Outcome(Status.CRASH, "the process died (SIGSEGV)")
                    elif op == "mul" and sample == 0:
                        outcome = Outcome(Status.KNOWN_DIFFERENCE, "m", reason="it is meant")
                    made.add(Result(token, subject, outcome))
        for name in ("order", "a_name_that_goes_on_for_longer_than_a_phone_is_wide_by_far"):
            made.add(
                Result(Token(f"scenario.hooks.{name}", "any", 0, "scenario"), subject, Outcome())
            )
    return made


class Visit:
    """A page that was opened, with all that its console and network told."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.console: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def shown(self, selector: str) -> list[str]:
        """The data-text of what the selector finds and the page shows."""
        found: list[str] = self.page.eval_on_selector_all(
            selector, "all => all.filter(e => e.checkVisibility()).map(e => e.dataset.text)"
        )
        return found

    def colour(self) -> str:
        found: str = self.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("there is no Chromium here")
    with playwright.sync_playwright() as driver:
        # As root, in a container, Chromium has no sandbox of its own.
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(report()))
    return file


@pytest.fixture
def visit(browser: Any, path: Path) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def go(**options: Any) -> Visit:
        visits.append(Visit(browser, path, **options))
        return visits[-1]

    yield go
    for each in visits:
        assert each.console == []
        assert [u for u in each.requests if not u.startswith("data:")] == [path.as_uri()]
        each.page.close()


Go = Callable[..., Visit]


def test_search_filters_ops_programs_and_causes(visit: Go) -> None:
    here = visit()
    assert set(here.shown(ROWS)) >= set(OPS)
    here.page.fill("#search", "soft")
    here.page.get_by_text("2 of 9 ops and programs").wait_for()
    assert set(here.shown(ROWS)) == {"softmax", "nn.functional.softmin"}
    assert len(here.shown(".cause")) == 1
    assert not here.page.is_visible("#programs")
    here.page.fill("#search", "order")
    here.page.get_by_text("1 of 9 ops and programs").wait_for()
    assert here.shown(ROWS) == ["scenario.hooks.order"]
    here.page.press("#search", "Escape")
    assert set(here.shown(ROWS)) >= set(OPS)


def test_statuses_filter(visit: Go) -> None:
    here = visit()
    here.page.click(".filter[data-status=crash]")
    assert here.shown(ROWS) == ["sort"]
    here.page.click(".filter[data-status=known_difference]")
    assert set(here.shown(ROWS)) == {"sort", "mul"}
    assert here.page.is_visible("#known")
    assert not here.page.is_visible(".filter[data-status=timeout]")
    assert here.page.is_visible(".filter[data-status=crash][aria-pressed=true]")


def test_the_colours_follow_the_system_and_the_button(visit: Go) -> None:
    light, dark = visit(color_scheme="light"), visit(color_scheme="dark")
    before = light.colour()
    assert before != dark.colour()
    light.page.click("#theme")
    assert light.colour() == dark.colour()
    light.page.reload()
    assert light.colour() == dark.colour()  # the choice lasts
    light.requests.clear()
    light.requests.append(light.page.url)
    dark.page.click("#theme")
    assert dark.colour() == before


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_scrolls_sideways(visit: Go, width: int) -> None:
    here = visit(viewport={"width": width, "height": 800})
    here.page.eval_on_selector_all("details", "all => all.forEach(e => (e.open = true))")
    assert here.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_keyboard_reaches_everything(visit: Go) -> None:
    here = visit()
    here.page.keyboard.press("/")
    assert here.page.evaluate("document.activeElement.id") == "search"
    here.page.keyboard.press("Tab")
    here.page.keyboard.press("Enter")
    assert here.shown(ROWS) == ["sort"]
    # A failing cell is a link to its cause, which opens and takes the focus.
    here.page.focus("tr[data-text=sort] a.s-crash")
    here.page.keyboard.press("Enter")
    text = here.page.evaluate("document.activeElement.parentElement.dataset.text")
    assert text.startswith("sort")
    assert here.page.evaluate("document.activeElement.parentElement.open")
    here.page.keyboard.press("Enter")
    assert not here.page.evaluate("document.activeElement.parentElement.open")


def test_failures_show_command_script_and_drawing(visit: Go) -> None:
    here = visit()
    cause = here.page.locator(".cause", has_text="softmax").first
    assert "and 1 more op" in cause.inner_text()
    assert "autograd-conformance replay 'softmax|float64|1|gradients' --backend" in (
        cause.inner_text()
    )
    cause.locator("summary", has_text="Script").first.click()
    assert "print('</script>')" in cause.locator(".script pre").first.inner_text()
    assert cause.locator("figure img").first.evaluate("image => image.naturalWidth") == 900


def test_a_page_of_every_op_opens_at_once(browser: Any, tmp_path: Path) -> None:
    made = Report(["numpy", "python"], {"torch": "2.13.0"})
    for op in range(600):
        for check in CHECKS[:-1]:
            for subject in made.subjects:
                bad = op % 50 == 0 and check == "graph"
                outcome = Outcome(Status.FAIL if bad else Status.PASS, f"wrong {op}")
                made.add(Result(Token(f"op{op}", "float64", 0, check), subject, outcome))
    file = tmp_path / "full.html"
    file.write_text(page(made))
    assert file.stat().st_size < 2_000_000
    here = Visit(browser, file)
    timing = "performance.getEntriesByType('navigation')[0].duration"
    assert here.page.evaluate(timing) < 15_000
    here.page.fill("#search", "op77")
    here.page.get_by_text("1 of 600 ops and programs").wait_for(timeout=15_000)
    assert here.shown(ROWS) == ["op77"]
    here.page.close()
