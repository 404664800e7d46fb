"""May this address be fetched now?  Robots rules, Retry-After, and a budget for every host.

`robots` reads what a site allows; `budgets` keeps how often each host is asked; `permit` makes one answer of the two.
Nothing here waits: whoever asks is told from when on to ask again, and decides whether that is worth waiting for.

Computes only.
"""

from tracker.politeness.budgets import HostBudgets, is_exempt
from tracker.politeness.hosts import Host, Hosts, Slowed
from tracker.politeness.permit import Permit, Politeness
from tracker.politeness.robots import Robots, robots_from_response

__all__ = [
    "Host",
    "HostBudgets",
    "Hosts",
    "Permit",
    "Politeness",
    "Robots",
    "Slowed",
    "is_exempt",
    "robots_from_response",
]
