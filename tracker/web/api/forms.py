"""The forms of the API's answers and requests; from them the OpenAPI document is written.

`change_forms`, `article_forms` and `other_forms` hold those of each group of operations.

Computes only.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LARGEST = 2**53 - 1
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Id = Annotated[int, Field(ge=0, le=LARGEST)]


class Answer(BaseModel):
    """Anything that is given."""

    model_config = ConfigDict(extra="forbid")


class Request(BaseModel):
    """Anything that is taken."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Problem(Answer):
    """Why a request was not met (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="One sentence that says what is the matter, and what to do.")
