"""Where templates run: they look at values, and at nothing else.

Computes only.
"""

from __future__ import annotations

from typing import Any, Final

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_RANGE: Final = 1_000  # turns of a `range`
LONGEST_PRODUCT: Final = 10_000_000  # of numbers, and of texts that are multiplied
LARGEST_POWER: Final = 64


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment in which no template makes anything endless."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiply, within limits."""
        first, second = (len(one) if isinstance(one, str | list | tuple) else abs(one) for one in (left, right))
        too_large = second > LARGEST_POWER if operator == "**" else first * second > LONGEST_PRODUCT
        if too_large:
            raise OverflowError(f"{operator} makes something too large")
        return super().call_binop(context, operator, left, right)


def make_environment(html: bool) -> Sandbox:
    """Make an environment: for HTML, in which what is shown is escaped, or for text."""
    made = Sandbox(autoescape=html, undefined=StrictUndefined, keep_trailing_newline=False, cache_size=0)
    made.globals = {"range": _range}
    return made


def _range(*limits: int) -> range:
    found = range(*limits)
    if len(found) > LONGEST_RANGE:
        raise OverflowError(f"range is longer than {LONGEST_RANGE}")
    return found
