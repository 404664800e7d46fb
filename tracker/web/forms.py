"""Forms of our own pages: read, and proven to be ours.

Touches the network.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse

from tracker.web.errors import RefusedError

FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read_form(request: Request) -> dict[str, str]:
    """Read the fields of a form that one of our pages sent.

    Raises:
        RefusedError: It does not carry what our pages give to this browser, so somebody else made it.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in FORM_TYPES:
        raise RefusedError(400, "this is not a form")
    form = await request.form(max_files=0, max_fields=50)
    fields = {key: value for key, value in form.items() if not isinstance(value, UploadFile)}
    wanted = request.scope["state"]["form_token"]
    if not hmac.compare_digest(fields.get("form_token", "").encode(), wanted.encode()):
        raise RefusedError(
            403, "this form is out of date, and nothing was done; go back, load the page again and repeat it"
        )
    return fields


Form = Annotated[dict[str, str], Depends(read_form)]


def back_to(address: str) -> RedirectResponse:
    """Show a page after something was done."""
    return RedirectResponse(address, 303)
