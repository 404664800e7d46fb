"""Sign in with the token, and out again.

Joins the parts.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.web.forms import Form, back_to
from tracker.web.render import page
from tracker.web.security import SESSION_COOKIE, SESSION_S, cookie
from tracker.web.workspace import workspace_of

router = APIRouter(include_in_schema=False)
WRONG_S: Final = 0.5  # that a wrong token costs, so that guessing takes for ever


@router.get("/login")
def show_login(request: Request, next: str = "/") -> Response:  # noqa: A002  # as it stands in the address
    """Ask for the token."""
    configured = workspace_of(request).keys.settings.token is not None
    return page(request, "login.html.jinja", next=_inside(next), wrong=False, configured=configured)


@router.post("/login")
async def sign_in(request: Request, form: Form) -> Response:
    """Exchange the token for a cookie."""
    keys = workspace_of(request).keys
    target = _inside(form.get("next", "/"))
    if not keys.is_token(form.get("token", "").strip()):
        await asyncio.sleep(WRONG_S)
        configured = keys.settings.token is not None
        return page(request, "login.html.jinja", status=403, next=target, wrong=True, configured=configured)
    answer = back_to(target)
    answer.headers.append("set-cookie", cookie(keys.settings, SESSION_COOKIE, keys.new_session(time.time()), SESSION_S))
    return answer


@router.post("/logout")
def sign_out(request: Request, form: Form) -> Response:  # noqa: ARG001  # the form proves that it is ours
    """Take the cookie back."""
    answer = back_to("/login")
    answer.headers.append("set-cookie", cookie(workspace_of(request).keys.settings, SESSION_COOKIE, "", 0))
    return answer


def _inside(target: str) -> str:
    """Keep to our own pages: an address of someone else's would look as if we had sent the reader there."""
    return target if re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", target) else "/"
