"""The application: all pages, behind the guard."""

import time
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from lymer.console import (
    botnets,
    campaigns,
    custody,
    deciding,
    messages,
    overview,
    people,
    searching,
    servers,
    sql,
)
from lymer.console.desk import Desk, NotFoundError
from lymer.console.guard import Access, Guard
from lymer.console.pages import HOME, render
from lymer.errors import CaseError, LymerError

_WRONG_SECONDS = 0.3

_ROOMS = (
    overview, campaigns, botnets, servers, people, messages, searching, sql, custody, deciding
)  # fmt: skip


def make_app(folder: Path, access: Access) -> ASGIApp:
    """The console of the case in `folder`, for those whom `access` lets in.

    Reads the whole case once, which takes some seconds for a million messages. Raises CaseError
    where there is no case.
    """
    app = FastAPI(
        title="Lymer's console",
        summary="Every page of a case as JSON",
        version="1",
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = Desk(folder)
    app.state.access = access
    for room in _ROOMS:
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=HOME / "static"), name="static")
    app.add_api_route("/enter", _enter, methods=["GET"], include_in_schema=False)
    app.add_api_route("/enter", _enter_by_form, methods=["POST"], include_in_schema=False)
    app.add_api_route("/favicon.ico", _favicon, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(LymerError, _tell)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    return Guard(app, access)


def _favicon() -> Response:
    return RedirectResponse("/static/lymer.svg", 301)


def _enter(request: Request, token: str | None = None) -> Response:
    """Come in with the token of the address that `lymer serve` printed."""
    if token is not None:
        return _let_in(request, token)
    return _ask_for_secret(request, is_wrong=False, code=200)


def _enter_by_form(request: Request, secret: Annotated[str, Form(max_length=500)]) -> Response:
    return _let_in(request, secret)


def _let_in(request: Request, secret: str) -> Response:
    access = _access(request)
    if not access.opens(secret):
        # Guessing takes time.
        time.sleep(_WRONG_SECONDS)
        return _ask_for_secret(request, is_wrong=True, code=401)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(access.cookie, access.session, httponly=True, samesite="strict")
    return answer


def _ask_for_secret(request: Request, *, is_wrong: bool, code: int) -> Response:
    context = {"is_wrong": is_wrong, "has_password": bool(_access(request).password)}
    return render(request, "enter.html", context, code)


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


async def _tell(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotFoundError) else 400
    if isinstance(error, CaseError):
        status = 409
    return _problem(request, status, str(error))


async def _tell_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = "There is no such page." if error.status_code == 404 else str(error.detail)
    answer = _problem(request, error.status_code, told)
    answer.headers.update(error.headers or {})
    return answer


async def _tell_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    if _wants_json(request):
        # What was given is not said again: it may be what JSON cannot hold.
        told = [{key: one[key] for key in ("type", "loc", "msg")} for one in wrong]
        return JSONResponse({"detail": told}, 422)
    told_short = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in wrong)
    return _problem(request, 422, f"The address is wrong: {told_short}.")


def _wants_json(request: Request) -> bool:
    return request.url.path.endswith(".json") or "application/json" in request.headers.get(
        "accept", ""
    )


def _problem(request: Request, status: int, told: str) -> Response:
    if _wants_json(request):
        return JSONResponse({"detail": told}, status)
    return render(request, "problem.html", {"status_code": status, "told": told}, status)
