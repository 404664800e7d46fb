"""Helpers for addresses: what a reporter pastes becomes the one address that we follow.

The normalised address is also the one that is fetched, so it keeps whatever a server may depend on: the order of the query, blank values, a trailing slash.
Only what is known to change nothing is dropped: the fragment, the default port, dot segments and tracking parameters.
The list of those is our own: courlan's pattern also drops `gallery=`, `source=` and `session=`, and w3lib sorts the query.

Contains no business logic.  Computes only.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import re
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import idna

from tracker.errors import AddressError

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
SAFE: Final = "!$%&'()*+,/:;=?@[]~"  # what requests sends as it is
LONGEST: Final = 8000  # characters; RFC 9110, section 4.1 asks everyone to support at least so many

# Click identifiers and share markers that advertisers, mail services and publishers append, as listed by
# courlan, ClearURLs and the browsers' own strip lists; each is meaningless to the page itself.
TRACKING_NAMES: Final = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid", "msclkid", "yclid",
    "ysclid", "twclid", "ttclid", "li_fat_id", "igsh", "igshid", "mc_cid", "mc_eid", "mkt_tok", "vero_id",
    "vero_conv", "oly_anon_id", "oly_enc_id", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp", "hsctatracking",
    "s_cid", "icid", "ncid", "cmpid", "ocid", "smid", "smtyp", "xtor", "spm", "srsltid", "_ga", "_gl", "epik",
    "rb_clickid", "wickedid", "sc_cid", "zanpid", "at_medium", "at_campaign", "at_format", "at_link_id",
    "at_link_type", "at_link_origin", "at_ptr_name", "at_bbc_team",
})  # fmt: skip
TRACKING_PREFIXES: Final = ("utm_", "pk_", "mtm_", "itm_", "hsa_", "ns_campaign", "ns_mchannel", "ns_source")


def normalize_url(address: str) -> str:
    """Turn what was typed or pasted into the address that is followed.

    An address without a scheme is taken as https, except on this machine (`localhost:8000/a`), where servers speak http.

    Raises:
        AddressError: It cannot be followed; names the address and what is wrong with it.
    """
    return _without_tracking(check_url(address))


def normalize_link(base: str, link: str) -> str:
    """Turn a link that stands on a page into the address that is followed.

    Raises:
        AddressError: It leads nowhere that can be followed.
    """
    return _without_tracking(join_url(base, link))


def check_url(address: str) -> str:
    """Make an address well-formed without leaving anything of its path and query out: for the targets of redirects and links.

    Raises:
        AddressError: It is not an http(s) address with a host.
    """
    text = address.strip().strip("<>\"'“”‘’").strip()
    _check_characters(text, address)
    try:
        parts = urlsplit(_complete(text, address))
        port = parts.port
    except ValueError as error:
        raise _error(address, _reason(error)) from error
    _check_parts(parts, address)
    host = _host(parts, address)
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{shown}:{port}"
    path = _remove_dot_segments(_quote(parts.path) or "/")
    return parts._replace(netloc=netloc, path=path, query=_quote(parts.query), fragment=_quote(parts.fragment)).geturl()


def join_url(base: str, link: str) -> str:
    """Resolve a link that stands on a page, or the target of a redirect; white space in it is read as browsers do.

    Raises:
        AddressError: It leads nowhere that can be followed.
    """
    link = re.sub(r"[\t\r\n]", "", link.strip()).replace(" ", "%20")
    try:
        joined = urljoin(base, link)
    except ValueError as error:
        raise _error(link, _reason(error)) from error
    if not re.match(r"https?:", joined, re.IGNORECASE):  # `tel:112` would pass for a host and its port
        raise _error(link, f"{joined.partition(':')[0]}: is not http or https")
    return check_url(joined)


def host_of(url: str) -> str:
    """Name the host and, where it is not the default, the port of a normalised address: `example.org`, `localhost:8000`."""
    return urlsplit(url).netloc


def is_listed_host(host: str, port: int, listed: Collection[str]) -> bool:
    """Say whether a host is in a list of `host` and `host:port` (IPv6 addresses in brackets or bare)."""
    host = host.strip("[]").lower()
    names = {host, f"[{host}]", f"{host}:{port}", f"[{host}]:{port}"}
    return any(name.lower() in names for name in listed)


# --- parts ----------------------------------------------------------------------------------------


def _error(address: str, wrong: str) -> AddressError:
    shown = re.sub(
        r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]+", " ", address
    )  # one line, that any terminal can print
    shown = re.sub(r"//[^/@]*@", "//…@", shown)  # no password is repeated
    shown = shown if len(shown) <= 200 else f"{shown[:200]}…"
    return AddressError(f'"{shown}" is not an address that can be followed: {wrong}')


def _reason(error: ValueError) -> str:
    text = str(error)
    if "port" in text.lower():
        return "the port is not a number between 1 and 65535"
    return "the host is not a valid IPv6 address" if "IPv6" in text or "netloc" not in text else "the host is not valid"


def _check_characters(text: str, address: str) -> None:
    if not text:
        raise _error(address, "it is empty")
    if len(text) > LONGEST:
        raise _error(address, f"it is longer than {LONGEST} characters")
    if re.search(r"[\x00-\x20\x7f\u0085\u00a0\u2028\u2029]", text):
        raise _error(address, "there is white space inside it")
    if re.search(r"[\ud800-\udfff]", text):
        raise _error(address, "it holds a character that is not valid text")


def _complete(text: str, address: str) -> str:
    """Put a scheme in front where there is none; refuse any but http and https."""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if match and match[1].lower() in DEFAULT_PORTS:
        return f"{match[1].lower()}:{text[match.end() :]}"
    if match and not re.match(r"[0-9]+(?:[/?#]|$)", text[match.end() :]):  # not the port of `localhost:8000/a`
        raise _error(address, f"{match[1]}: is not http or https")
    text = text.removeprefix("//")
    return f"{'http' if _is_local(text) else 'https'}://{text}"


def _is_local(text: str) -> bool:
    return re.match(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?:[:/?#]|$)", text, re.IGNORECASE) is not None


def _check_parts(parts: SplitResult, address: str) -> None:
    if "@" in parts.netloc:
        raise _error(address, "it carries a user name or password, which we do not keep")
    if not parts.hostname:
        raise _error(address, "it names no host")
    if parts.port == 0:
        raise _error(address, "the port is not a number between 1 and 65535")


def _host(parts: SplitResult, address: str) -> str:
    """Give the host in the form that DNS knows (punycode), or the IP address in its shortest form."""
    host = _ascii(unquote(parts.hostname or ""), address).rstrip(".")
    with contextlib.suppress(ValueError):
        if "%" not in host:  # a zone (fe80::1%eth0) means something on one machine only
            return str(ipaddress.ip_address(host))
    if parts.netloc.startswith("["):
        raise _error(address, "the host is not a valid IPv6 address")
    if re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]*", host):
        raise _error(address, "the host is not a valid IP address")
    return _domain(host, address)


def _ascii(host: str, address: str) -> str:
    """Write a name of other scripts as DNS knows it; this may make an IP address of it, as of full-width digits."""
    try:
        # Names with an underscore are in use, though no valid host names: idna refuses them.
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise _error(address, "the host is not a valid name") from error


def _domain(name: str, address: str) -> str:
    labels = name.lower().split(".")
    if len(name) > 253 or not all(re.fullmatch(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels):
        raise _error(address, "the host is not a valid name")
    if len(labels) == 1 and labels[0] != "localhost" and ":" not in address:
        raise _error(address, "it names no host; did you mean a path or a search?")
    return name.lower()


def _quote(text: str) -> str:
    """Percent-encode what may not stand in an address; what is encoded already stays, with upper-case digits."""
    quoted = quote(text, safe=SAFE)
    return re.sub(r"%[0-9a-fA-F]{2}", lambda match: match[0].upper(), quoted)


def _remove_dot_segments(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, section 5.2.4), also where the dots are percent-encoded."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        plain = segment.replace("%2E", ".")
        if plain == "..":
            kept = kept[:-1]
        elif plain != ".":
            kept.append(segment)
    if segments[-1].replace("%2E", ".") in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _without_tracking(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(query=drop_tracking(parts.query), fragment="").geturl()


def drop_tracking(query: str) -> str:
    """Take the parameters out of a query that only say by which way a reader came."""
    return "&".join(item for item in query.split("&") if item and not _is_tracking(item.partition("=")[0]))


def _is_tracking(name: str) -> bool:
    name = unquote(name).lower().removeprefix("amp;")
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


# --- twins ----------------------------------------------------------------------------------------

HOST_PREFIXES: Final = ("www.", "m.", "mobile.", "amp.")
AMP_QUERIES: Final = frozenset({"amp", "amp=1", "amp=true", "outputtype=amp", "output=amp", "_amp=true", "m=1"})


def canonical_url(url: str, declared: str | None) -> str:
    """Choose the address that an article is followed at: the one that its page declares (`<link rel="canonical">`), where that agrees.

    Publishers declare the home page, a section or another article by mistake often enough, so a declared address is taken only
    if it is of the same site and of the same page: the AMP or mobile twin, or the same last part under another section.
    """
    try:
        other = normalize_link(url, declared) if declared else url
    except AddressError:
        return url
    if _twin_key(url) == _twin_key(other):
        return other
    same_site = _bare_host(url) == _bare_host(other)
    return other if same_site and _page_name(url) and _page_name(url) == _page_name(other) else url


def are_twins(url: str, other: str) -> bool:
    """Say whether two normalised addresses are one page by their form: with and without www, as AMP, for phones, with a slash at the end."""
    return _twin_key(url) == _twin_key(other)


def twin_hosts(url: str) -> list[str]:
    """List the hosts, with their ports, that twins of an address can be on."""
    bare = _bare_host(url)
    return [bare, *(f"{prefix}{bare}" for prefix in HOST_PREFIXES)]


def merge_twins(urls: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Choose for each address the one that stands for it: itself where it is known, else its first twin among the known, else among them all."""
    known = list(known)
    own = set(known)
    first: dict[tuple[str, str, str], str] = {}
    for address in known:
        first.setdefault(_twin_key(address), address)
    return {url: url if url in own else first.setdefault(_twin_key(url), url) for url in urls}


def _twin_key(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    path = re.sub(r"(?:/amp|\.amp|/index\.html?|/index\.php)/?$", "", parts.path.rstrip("/"), flags=re.IGNORECASE)
    path = re.sub(r"^/amp(?=/)", "", path, flags=re.IGNORECASE)
    path = re.sub(r"\.amp(?=\.html?$)", "", path, flags=re.IGNORECASE)
    items = [item for item in parts.query.split("&") if item and item.lower() not in AMP_QUERIES]
    return _bare_host(url), path.rstrip("/"), "&".join(sorted(items))


def _bare_host(url: str) -> str:
    host = urlsplit(url).netloc
    while (prefix := next((one for one in HOST_PREFIXES if host.startswith(one)), None)) and host.count(".") > 1:
        host = host.removeprefix(prefix)
    return host


def _page_name(url: str) -> str | None:
    """Take the last part of a path if it can only be that of one article: three words at least, or a long number."""
    _, path, _ = _twin_key(url)
    name = path.rpartition("/")[2].lower()
    return name if name.count("-") >= 2 or re.search(r"[0-9]{6}", name) else None


# --- folders --------------------------------------------------------------------------------------

LONGEST_SLUG: Final = (
    48  # characters: with a host of 60, a hyphen, 8 digits and the slash 118 of the 120 that we promise
)
LONGEST_HOST: Final = 60


def article_folder(url: str) -> str:
    """Name the folder of an article within the archive: `example.org/strike-kills-commander-1a2b3c4d`.

    Readable for people, unique by the first 8 hexadecimal digits of the SHA-256 of the address, safe on every file system
    (lower-case ASCII letters, digits, dot, hyphen and underscore; no reserved names), at most 120 characters.
    """
    parts = urlsplit(url)
    host = re.sub(r"[^a-z0-9.-]+", "_", parts.netloc.lower()).strip("._-") or "host"
    if len(host) > LONGEST_HOST or host.split(".")[0] in RESERVED:  # shortened, it has to stay its own
        host = f"{host[: LONGEST_HOST - 9].rstrip('._-')}_{_digest(parts.netloc)}"
    slug = _slug(parts.path)
    return f"{host}/{slug}-{_digest(url)}"


def _slug(path: str) -> str:
    """Take the last segment of the path that says something: letters rather than `index.html` or a number."""
    segments = [_plain(segment) for segment in path.split("/")]
    worded = [segment for segment in segments if re.search(r"[a-z]{3}", segment) and segment not in FILLERS]
    slug = (worded or [segment for segment in segments if segment] or ["page"])[-1]
    return slug[:LONGEST_SLUG].strip("-") or "page"


def _plain(segment: str) -> str:
    text = re.sub(r"\.(?:s?html?|php|aspx?|jsp|amp)$", "", unquote(segment).lower())
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


FILLERS: Final = frozenset({"index", "default", "amp", "article", "story", "html"})
RESERVED: Final = frozenset(  # names of devices on Windows, whatever stands behind the dot
    {"con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(10)), *(f"lpt{digit}" for digit in range(10))}
)
