"""How a page is made: one function that answers, shown as HTML and given as JSON.

`add(router, path, name, view)` makes two addresses of one view: `path` is drawn by `html/name` and
`path.json` is what the view returned. A view returns a frozen dataclass; its fields are what its
page and the OpenAPI description say.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lymer.console import drawing, showing
from lymer.console.desk import Desk, Snapshot
from lymer.console.prepared import RULE

HOME = Path(__file__).parent
BUILT = HOME / "static" / "built"

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "the question cannot be answered as it was asked"},
    401: {"description": "the token is missing"},
    404: {"description": "the case has nothing of that id"},
    421: {"description": "another name led here"},
}

_DECIDED = re.compile(r"(made|undone)-([0-9]{1,6})")

_environment = Environment(
    loader=FileSystemLoader(HOME / "html"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(showing.FILTERS)
_environment.globals.update(
    cell=showing.cell,
    drawing=drawing,
    interval=showing.interval,
    is_number=showing.is_number,
    link_to=showing.link_to,
    page_of=showing.page_of,
    show_evidence=showing.evidence,
    span=showing.span,
)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _look(desk: Annotated[Desk, Depends(_desk)]) -> Snapshot:
    return desk.look()


AtDesk = Annotated[Desk, Depends(_desk)]
Look = Annotated[Snapshot, Depends(_look)]
Words = Annotated[str, Query(max_length=200, description="words to search for")]
PageNumber = Annotated[int, Query(ge=1, le=RULE.last_page)]


@dataclass(frozen=True)
class Paging:
    """Which rows of how many a table shows."""

    page: int
    total: int
    rows_a_page: int = RULE.rows

    @property
    def offset(self) -> int:
        """Rows before the first one shown."""
        return (self.page - 1) * self.rows_a_page

    @property
    def first(self) -> int:
        """Number of the first row shown."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.offset + self.rows_a_page, self.total)

    @property
    def has_next(self) -> bool:
        """Whether there is another page, within the limit."""
        return self.last < self.total and self.page < RULE.last_page


def add(
    router: APIRouter, path: str, name: str, view: Callable[..., Any], *, title: str | None = None
) -> None:
    """Give `view` its two addresses. Its docstring is its description."""
    address = "/overview" if path == "/" else path
    summary = title or (view.__doc__ or "").strip()
    register = router.get(
        f"{address}.json", responses=_PROBLEMS, summary=summary, name=f"{name}.json"
    )
    register(view)

    def shown(request: Request, answer: Annotated[Any, Depends(view)]) -> HTMLResponse:
        return render(request, f"{name}.html", as_context(answer))

    router.get(path, include_in_schema=False, name=name)(shown)


def as_context(answer: Any) -> dict[str, Any]:
    """The fields of a view's answer by name, and what it draws of them."""
    drawn = [name for name, value in vars(type(answer)).items() if isinstance(value, property)]
    return {name: getattr(answer, name) for name in (*(f.name for f in fields(answer)), *drawn)}


def render(
    request: Request, template: str, context: dict[str, Any], code: int = 200
) -> HTMLResponse:
    """A page as HTML."""
    state = request.app.state

    def here(**changes: Any) -> str:
        """This page's address with some of its parameters changed; empty ones go."""
        asked = dict(request.query_params) | changes
        asked.pop("decided", None)
        kept = {key: value for key, value in asked.items() if value not in (None, "", 1, "1")}
        return request.url.path + ("?" + urlencode(kept) if kept else "")

    path = request.url.path
    decided = _DECIDED.fullmatch(request.query_params.get("decided", ""))
    text = _environment.get_template(template).render(
        context,
        settings=state.desk.look().settings,
        is_renewing=state.desk.is_renewing,
        csrf=state.access.csrf,
        here=here,
        path=path,
        decided_told=decided.groups() if decided else None,
        json_address=("/overview.json" if path == "/" else f"{path}.json")
        + (f"?{request.url.query}" if request.url.query else ""),
        has_scripts=(BUILT / "main.js").is_file(),
    )
    return HTMLResponse(text, code)
