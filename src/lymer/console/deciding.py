"""The analyst's word, given in place: on campaigns, on links of botnets, and taken back."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from lymer.case import Decision, dismiss, link, merge, note, rename, split, undo, unlink
from lymer.console.pages import AtDesk

router = APIRouter()

Verb = Literal["merge", "split", "rename", "dismiss", "note", "link", "unlink", "undo"]


def decide(
    request: Request,
    desk: AtDesk,
    verb: Annotated[Verb, Form()],
    csrf: Annotated[str, Form(max_length=100)] = "",
    campaign: Annotated[list[str] | None, Form(max_length=50)] = None,
    message: Annotated[list[str] | None, Form(max_length=500)] = None,
    text: Annotated[str, Form(max_length=2_000)] = "",
    number: Annotated[int | None, Form(ge=1, le=1_000_000)] = None,
    x_csrf_token: Annotated[str, Header(max_length=100)] = "",
) -> Response:
    """Decide something about campaigns. A browser is led to what became of it."""
    access = request.app.state.access
    if not access.is_own(request.headers, csrf or x_csrf_token):
        raise HTTPException(403, "This did not come from a page of the console. Reload and repeat.")
    campaigns = [one.strip() for one in campaign or [] if one.strip()]
    first = campaigns[0] if campaigns else ""
    with desk.case() as case:
        decision: Decision
        if verb == "merge":
            decision = merge(case, campaigns)
        elif verb == "split":
            decision = split(case, first, message or [])
        elif verb == "rename":
            decision = rename(case, first, text)
        elif verb == "dismiss":
            decision = dismiss(case, first)
        elif verb == "note":
            decision = note(case, first, text)
        elif verb in ("link", "unlink"):
            if len(campaigns) != 2:
                raise HTTPException(400, "Name two different campaigns.")
            decision = (link if verb == "link" else unlink)(case, *campaigns)
        else:
            decision = undo(case, number)
    desk.renew()
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(
            {
                "number": decision.number,
                "verb": decision.verb,
                "campaigns": list(decision.campaigns),
                "is_undone": decision.is_undone,
            }
        )
    told = urlencode({"decided": f"{'undone' if verb == 'undo' else 'made'}-{decision.number}"})
    return RedirectResponse(f"/campaigns/{decision.campaigns[0]}?{told}", 303)


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    303: {"description": "decided; a browser is led to the campaign"},
    400: {"description": "that cannot be decided"},
    401: {"description": "the token is missing"},
    403: {"description": "it did not come from a page of the console"},
    409: {"description": "another lymer is writing to the case"},
}
router.add_api_route("/decisions", decide, methods=["POST"], responses=_PROBLEMS, name="decide")
