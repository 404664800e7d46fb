"""schemathesis over the OpenAPI document: no 5xx and no answer that is not documented, whatever is sent."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from servers import Site
from web_desk import TOKEN, serving, with_fire

from tracker.config import WebSettings

pytestmark = pytest.mark.slow
EXAMPLES = 25
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance,
    negative_data_rejection, ignored_auth, unsupported_method,
]  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema")
    with Site() as site, serving(with_fire(folder, site), WebSettings(token=TOKEN)) as web:
        yield web


def test_api_answers_as_documented_whatever_is_sent(served):
    """Every operation with generated requests, right ones and wrong ones."""
    document = schemathesis.openapi.from_url(f"{served.address}/api/v1/openapi.json")
    operations = [result.ok() for result in document.get_all_operations()]
    wrong: dict[str, str] = {}

    for operation in operations:
        for mode in GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
                database=None,
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def answers(case):
                case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)

            try:
                answers()
            except Unsatisfiable:  # there is no wrong request for an operation without parameters
                continue
            except Exception as error:  # noqa: BLE001  # all that schemathesis and hypothesis raise; told below
                wrong[f"{operation.label} ({mode.value})"] = str(error)[:1500]

    assert len(operations) == 24
    assert wrong == {}
