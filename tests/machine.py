"""A Wayback Machine on loopback: an index and raw captures, over real HTTP."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from datetime import UTC, datetime
from email.utils import format_datetime

from servers import Site

Rows = list[str]


class Machine:
    """An archive of captures.

    Args:
        site: Where it answers.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.rows: Rows = []
        self._tell()

    @property
    def config(self) -> str:
        """What config.toml says of it."""
        return f'[wayback]\naddress = "{self.site.url("")}"\nrequests_per_s = 1000\n'

    @property
    def fetched(self) -> list[str]:
        """The moments of the captures that were asked for, as they stand in their addresses."""
        return [
            one.path.split("/")[2].removesuffix("id_") for one in self.site.requests if one.path.startswith("/web/")
        ]

    def keeps(self, address: str, moment: str, body: str, *, mime: str = "text/html", status: int = 200) -> None:
        """Have a capture; `moment` has 14 digits."""
        digest = b32encode(hashlib.sha1(body.encode()).digest()).decode()
        key = address.partition("://")[2]
        self.rows.append(f"{key} {moment} {address} {mime} {status} {digest} {len(body)}")
        self._tell()
        self.shows(address, moment, body, mime=mime, status=status)

    def shows(self, address: str, moment: str, body: str, *, mime: str = "text/html", status: int = 200) -> None:
        """Show a capture that is in the index."""
        at = datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        self.site.publishes(
            f"/web/{moment}id_/{address}",
            body,
            content_type=f"{mime}; charset=utf-8",
            status=status,
            headers={
                "Memento-Datetime": format_datetime(at, usegmt=True),
                "Link": f'<{address}>; rel="original"',
                "X-Archive-Orig-Server": "nginx",
            },
        )

    def loses(self, address: str, moment: str) -> None:
        """Have a capture in the index that cannot be shown."""
        self.site.publishes(f"/web/{moment}id_/{address}", "This page is not there.", status=404)

    def refuses(self, address: str, moment: str) -> None:
        """Ask to be left alone, from this capture on."""
        self.site.publishes(f"/web/{moment}id_/{address}", "Too many", status=429, headers={"Retry-After": "90"})

    def _tell(self) -> None:
        self.site.publishes("/cdx/search/cdx", "".join(f"{row}\n" for row in self.rows), content_type="text/plain")
