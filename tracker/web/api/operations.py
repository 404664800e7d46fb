"""What all operations share: how an answer is named, what can go wrong, and who may write.

Joins the parts.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.responses import Response

from tracker.web.api.forms import LARGEST, Problem
from tracker.web.etags import unchanged

PROBLEM: Final = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
SAYS: Final = {
    400: "A value cannot be read; `detail` names it.",
    401: "The token is needed.",
    403: "This may not be done, by this program or from this page.",
    404: "There is no such thing.",
    409: "It cannot be done now.",
    413: "The request is too large.",
    422: "The request is not of the form that is expected.",
    500: "What is stored cannot be read; `detail` names it.",
    502: "The page could not be fetched.",
}
WRITES: Final = [Depends(HTTPBearer(auto_error=False, description="The token of the configuration: [web] token."))]
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "It is as it was."}}

Number = Annotated[int, Path(ge=0, le=LARGEST)]
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many.")]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document what can go wrong; what can go wrong everywhere is always among it."""
    wanted = sorted({*statuses, 400, 401, 413, 422, 500})
    return {status: {"description": SAYS[status], "model": Problem, **PROBLEM} for status in wanted}


def reads(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document an operation that reads."""
    return {**UNCHANGED, **problems(*statuses)}


def writes(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document an operation that writes."""
    return problems(403, *statuses)


def answer(request: Request, value: BaseModel) -> Response:
    """Answer with a value, or that it is as it was."""
    text = value.model_dump_json()
    same = unchanged(request, [request.url.path, text])
    if same.response:
        return same.response
    return Response(text.encode("utf-8", "replace"), headers={"etag": same.etag}, media_type="application/json")


def written(value: BaseModel, status: int = 200) -> Response:
    """Answer with what was written."""
    return Response(value.model_dump_json().encode("utf-8", "replace"), status, media_type="application/json")
