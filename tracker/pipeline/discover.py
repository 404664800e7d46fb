"""What to follow: addresses that somebody names, and the articles that feeds, sitemaps and section pages list.

Joins the parts.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tracker.errors import BlockedError, FetchError, InputError, TrackerError
from tracker.fetch import SITEMAPS
from tracker.models import Article, NotModified, Snapshot, Source
from tracker.pipeline.parts import Discovered, Parts, not_before_of
from tracker.schedule import next_feed_due
from tracker.url import article_folder, merge_twins, normalize_url, twin_hosts

if TYPE_CHECKING:
    from tracker.discover import Listing

MOST_CHILDREN: Final = 20  # sitemaps followed of an index, which may list an outlet's every month since its founding


class Discovering(Parts):
    """The part of the pipeline that finds out what to follow."""

    __slots__ = ()

    def follow(
        self,
        address: str,
        kind: str | None = None,
        tags: tuple[str, ...] = (),
        *,
        links: str | None = None,
        limit: int | None = None,
        every: timedelta | None = None,
        most_per_hour: int | None = None,
    ) -> Article | Source:
        """Follow an address from now on; without a kind the server is asked for the page, to see what it is.

        A page is a section where a pattern of its links is given, and an article otherwise.

        Raises:
            AddressError: It is not an address that can be followed.
            FetchError: The server did not show what it is.
            InputError: It is an article, and a limit is given.
        """
        url = normalize_url(address)
        kind = kind or self._recognize(url)
        if kind == "article" and links:
            kind = "section"
        if kind != "article":
            return self.catalog.add_source(
                url,
                kind,
                now=self.clock(),
                tags=tags,
                links=links,
                limit=limit,
                every=every,
                most_per_hour=most_per_hour,
            )[0]
        if limit or most_per_hour:
            raise InputError(
                f"{url} is an article, of which there is no list to limit; a section page needs a pattern of its links too"
            )
        url = self._followed_twin(url)
        return self.catalog.add_article(url, article_folder(url), now=self.clock(), tags=tags, every=every)[0]

    def _followed_twin(self, url: str) -> str:
        """Find the address of an article that is followed already; the address itself where there is none, or someone has followed it before."""
        if self.catalog.article(url):
            return url
        return merge_twins([url], self.catalog.addresses_on(twin_hosts(url), active=True))[url]

    def follow_configured(self) -> list[TrackerError]:
        """Follow the `[[watch]]` tables of the configuration; what cannot be recognised now is for the next time.

        Returns:
            What went wrong.
        """
        problems: list[TrackerError] = []
        for watch in self.config.watch:
            try:
                url = normalize_url(watch.address)
                article, source = self.catalog.article(self._followed_twin(url)), self.catalog.source(url)
                known = source or article
                wanted: dict[str, object] = {"every": watch.every}
                if article is None:
                    wanted |= {"links": watch.links, "limit": watch.limit, "most_per_hour": watch.most_per_hour}
                other = known and any(value not in (None, getattr(known, key)) for key, value in wanted.items())
                if known is None or other or set(watch.tags) - set(known.tags):
                    kind = watch.kind or (source.kind if source else "article" if article else None)
                    self.follow(
                        url,
                        kind,
                        watch.tags,
                        links=watch.links,
                        limit=watch.limit,
                        every=watch.every,
                        most_per_hour=watch.most_per_hour,
                    )
            except TrackerError as error:
                problems.append(error)
        return problems

    def _recognize(self, url: str) -> str:
        permit = self._ask(url)
        if permit.refusal:
            raise BlockedError(permit.refusal, url=url, transient=permit.transient)
        # One look at a page is no reason to keep a person waiting: a pause that is due does not hold it up.
        with self.politeness.request(url, self.clock) if not permit.wait_until else nullcontext():
            response = self.fetcher.fetch(url, accept=SITEMAPS, may_follow=self.politeness.allows)
        assert isinstance(response, Snapshot), "it was asked for without conditions"
        from tracker.discover import recognize

        return recognize(response)

    def discover(self, source: Source) -> Discovered:
        """Read a feed, a sitemap or a section page now, and follow the articles in it that are new; those that it says were updated are checked sooner.

        An article that has left the feed stays followed; one that was unwatched stays so.
        """
        permit = self._ask(source.url)
        if permit.wait_until:
            return Discovered(source, problem=permit.reason, retry_at=permit.wait_until)
        try:
            if permit.refusal:
                raise BlockedError(permit.refusal, url=source.url, transient=permit.transient)
            with self.politeness.request(source.url, self.clock):
                response = self.fetcher.fetch(
                    source.url, source.validators, accept=SITEMAPS, may_follow=self.politeness.allows
                )
            listing = _read(response, source)
        except (FetchError, InputError) as error:
            return self._not_read(source, error)
        at = response.fetched_at
        sitemaps = [
            self.catalog.add_source(
                child.url, "sitemap", now=at, tags=source.tags, links=source.links, limit=source.limit
            )[0]
            for child in listing.children[:MOST_CHILDREN]
            if self.catalog.source(child.url) is None  # one that was unwatched stays so
        ]
        listed = [entry.url for entry in listing.entries]
        known = self.catalog.addresses_on({host for url in listed for host in twin_hosts(url)}) if listed else []
        addresses = merge_twins(listed, known)  # one article under several addresses is followed once
        folders = {url: article_folder(url) for url in addresses.values()}
        new = self.catalog.add_articles(folders, now=at, tags=source.tags, source_id=source.id) if folders else []
        updated = {addresses[entry.url]: entry.updated_at for entry in listing.entries if entry.updated_at}
        self.catalog.bring_forward(updated, at)
        due_at = next_feed_due(replace(source, failures=0), at, self.config.schedule, self.random)
        validators = source.validators if isinstance(response, NotModified) else response.validators
        self.catalog.record_source_read(source.id, at=at, due_at=due_at, validators=validators)
        return Discovered(source, tuple(new), len(folders), tuple(sitemaps))

    def _not_read(self, source: Source, error: FetchError | InputError) -> Discovered:
        now = self.clock()
        after = replace(source, failures=source.failures + 1)
        due_at = next_feed_due(after, now, self.config.schedule, self.random, not_before=not_before_of(error, now))
        self.catalog.record_source_failure(source.id, at=now, due_at=due_at, error=str(error))
        return Discovered(source, problem=str(error))


def _read(response: Snapshot | NotModified, source: Source) -> Listing:
    """Read a list of articles, and choose those that are wanted."""
    # Imported when the first feed is there: a round of checks without any does not wait for it.
    from tracker.discover import Listing, choose_entries, read_feed, read_section, read_sitemap

    if isinstance(response, NotModified):
        return Listing()
    if source.kind == "section":
        listing = read_section(response, source.links or "*")
    else:
        listing = read_feed(response) if source.kind == "feed" else read_sitemap(response)
    return choose_entries(listing, source.links, source.limit)
