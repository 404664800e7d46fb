"""An archive's files as objects on S3-compatible storage, through s3fs (fsspec).

An object cannot be appended to, so it is written anew, old bytes and new ones: an article's file takes some 20 kB and 2 kB a version, and a new one begins at 4 MB.
A PUT is there whole or not at all, so nothing is ever torn.

Nobody's capture is written over, whatever locks are held or lost: each PUT of captures says what it replaces (If-Match with the entity tag of what was read, If-None-Match where there was
nothing), and the storage refuses it when that is not what is there.  AWS, Cloudflare R2, MinIO and Ceph know these conditions.  A storage that ignores them would lose captures
without a word, so this is tried out before the first write.

No index for people stands beside the captures: it would double the writes, and follows from them.

Touches the network.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tracker.archive.recent import Recent
from tracker.archive.storage import ChangedError, Status
from tracker.config import Bucket
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from s3fs import S3FileSystem

LARGEST_FILE: Final = 4 << 20  # bytes; a version of it costs one PUT of so much
REMEMBERED: Final = 32 << 20  # bytes of objects, so that the next append needs not read them again
TIMEOUT_S: Final = 120.0  # of a request with all that is tried again in it
ATTEMPTS: Final = 4  # of a request that the storage fails
CONNECTIONS: Final = 64
PROBE: Final = "conditional-writes.txt"
PROBE_TEXT: Final = (
    b"tracker writes this object to see whether the storage honours If-None-Match and If-Match.  It may be deleted.\n"
)
NOBODY: Final = '"00000000000000000000000000000000"'  # an entity tag that no object has
CONDITION_FAILED: Final = (409, 412)  # another was writing at that very moment; the object is another one
ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


@dataclass(frozen=True, slots=True)
class _Held:
    """An object as it was read or written last."""

    tag: str
    data: bytes


class BucketStorage:
    """Files as objects in a bucket (`Storage`).

    Args:
        bucket: Which, and where in it.

    Raises:
        ConfigError: s3fs is not installed.
    """

    largest_file = LARGEST_FILE
    keeps_index = False
    ends_files = True

    def __init__(self, bucket: Bucket) -> None:
        try:
            import s3fs  # noqa: F401
        except ImportError as error:
            raise ConfigError("an archive on S3 needs a library; install it with: pip install 'tracker[s3]'") from error
        self._bucket = bucket
        self._root = f"{bucket.prefix}/" if bucket.prefix else ""
        self._recent: Recent[str, _Held] = Recent(REMEMBERED)
        self._connecting = threading.Lock()
        self._client: tuple[int, S3FileSystem] | None = None  # with the process that made it
        self._trying = threading.Lock()
        self._is_conditional = False  # it was seen that conditions are honoured

    def __str__(self) -> str:
        return str(self._bucket)

    def place(self, name: str) -> str:
        """Say where a file is, for people."""
        return f"{self._bucket}/{name}".rstrip("/")

    # --- reading ----------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Say whether there is an archive."""
        answer = self._ask("list_objects_v2", Prefix=self._root, MaxKeys=1)
        return bool(answer["KeyCount"])

    def names(self, folder: str) -> list[str]:
        """List the names of the files in a folder."""
        return list(self.statuses(folder))

    def statuses(self, folder: str) -> dict[str, Status]:
        """Look at the files in a folder."""
        found = self._list(f"{folder}/", Delimiter="/")
        return {name.rpartition("/")[2]: status for name, status in found}

    def folders(self, holding: re.Pattern[str]) -> Iterator[str]:
        """List the folders that hold a file with such a name, in order."""
        places = (name.rpartition("/") for name, _ in self._list(""))
        found = {folder for folder, _, name in places if holding.fullmatch(name) and not folder.startswith(".")}
        yield from sorted(found, key=lambda folder: folder.split("/"))

    def holds(self, name: str) -> bool:
        """Say whether there is such a file."""
        try:
            self._ask("head_object", name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Say how many bytes a file has."""
        return int(self._ask("head_object", name)["ContentLength"])

    def identity(self, name: str) -> object:  # noqa: ARG002  # it would take a request
        """Tell a file from another that was put in its place: only reading it tells."""
        return None

    def read(self, name: str, offset: int = 0, length: int = -1) -> bytes:
        """Read a file from a position on."""
        if offset == 0 and length < 0:
            return self._get(name).data
        until = "" if length < 0 else offset + length - 1
        try:
            return bytes(self._ask("get_object", name, Range=f"bytes={offset}-{until}")["Body"])
        except _PastEndError:
            return b""

    # --- writing captures -------------------------------------------------------------------------

    def append(self, name: str, data: bytes, end: int) -> None:
        """Write a file anew that is `end` bytes long, with more at its end."""
        held = self._recent.get(name)
        if held is None or len(held.data) != end:
            held = self._get(name)
        if len(held.data) != end:
            raise ChangedError(errno.EBUSY, "somebody else writes to it as well")
        self._put(name, held.data + data, IfMatch=held.tag)

    def create(self, name: str, data: bytes) -> None:
        """Make a file that is not there."""
        self._put(name, data, IfNoneMatch="*")

    def replace(self, name: str, data: bytes, old: bytes) -> None:
        """Write a file anew that holds the old bytes."""
        held = self._get(name)
        if held.data != old:
            raise ChangedError(errno.EBUSY, "somebody else writes to it as well")
        self._put(name, data, IfMatch=held.tag)

    def cut(self, name: str, end: int, old: bytes) -> None:
        """Cut the end off a file; only one that came from elsewhere has anything to cut off."""
        self.replace(name, old[:end], old)

    def _put(self, name: str, data: bytes, **condition: str) -> None:
        """Write an object if the condition holds."""
        self._see_conditions_honoured()
        try:
            answer = self._write(name, data, **condition)
        except ChangedError:
            self._recent.drop(name)
            if self._get(name).data != data:  # else it was we, and the answer was lost on its way to us
                raise
        else:
            self._recent.put(name, _Held(answer["ETag"], data), len(data))

    def _see_conditions_honoured(self) -> None:
        """Try what everything here relies on, once.

        Raises:
            OSError: The storage writes although it was told not to.
        """
        with self._trying:
            if self._is_conditional:
                return
            if not self._refuses(IfNoneMatch="*"):  # it may not have been there
                self._expect(self._refuses(IfNoneMatch="*"))
            self._expect(self._refuses(IfMatch=NOBODY))
            self._is_conditional = True

    def _refuses(self, **condition: str) -> bool:
        try:
            self._write(PROBE, PROBE_TEXT, **condition)
        except ChangedError:
            return True
        return False

    def _expect(self, refused: bool) -> None:
        if not refused:
            raise OSError(
                errno.ENOTSUP, "this storage ignores If-Match or If-None-Match, so that captures could be written over"
            )

    # --- writing what stands beside them ----------------------------------------------------------

    def write(self, name: str, data: bytes) -> None:
        """Write a whole file, whatever was there."""
        self._recent.drop(name)
        self._write(name, data)

    write_loosely = write

    def add_line(self, name: str, heading: str, line: str) -> None:
        """Keep no list for people."""

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._recent.drop(name)
        self._ask("delete_object", name)

    # --- requests ---------------------------------------------------------------------------------

    def _get(self, name: str) -> _Held:
        answer = self._ask("get_object", name)
        held = _Held(answer["ETag"], bytes(answer["Body"]))
        self._recent.put(name, held, len(held.data))
        return held

    def _write(self, name: str, data: bytes, **condition: str) -> dict[str, Any]:
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        return self._ask("put_object", name, Body=data, ContentMD5=digest, **condition)

    def _list(self, below: str, **more: str) -> Iterator[tuple[str, Status]]:
        """List the names of files with what is known of them, in order."""
        token: dict[str, str] = {}
        while True:
            answer = self._ask("list_objects_v2", Prefix=self._root + below, **more, **token)
            for one in answer.get("Contents", ()):
                yield one["Key"].removeprefix(self._root), Status(one["Size"], one["LastModified"])
            if not answer.get("IsTruncated"):
                return
            token = {"ContinuationToken": answer["NextContinuationToken"]}

    def _ask(self, method: str, name: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Send a request, and wait for the whole answer.

        Raises:
            OSError: It failed; says why.
        """
        from botocore.exceptions import BotoCoreError, ClientError
        from fsspec.asyn import sync
        from fsspec.exceptions import FSTimeoutError

        client = self._connected()
        told = {"Bucket": self._bucket.name, **arguments, **({} if name is None else {"Key": self._root + name})}
        try:
            answer: dict[str, Any] = sync(client.loop, _answer, client, method, told, timeout=TIMEOUT_S)
        except (OSError, BotoCoreError, ClientError, FSTimeoutError) as error:
            _explain(error, self.place(name or ""))
        return answer

    def _connected(self) -> S3FileSystem:
        """Connect; anew in a process that was forked, which has none of its parent's threads."""
        from s3fs import S3FileSystem

        with self._connecting:
            if self._client is None or self._client[0] != os.getpid():
                self._client = os.getpid(), S3FileSystem(**self._settings())
            return self._client[1]

    def _settings(self) -> dict[str, Any]:
        bucket = self._bucket
        endpoint = bucket.endpoint or next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), None)
        return {
            "key": bucket.key,
            "secret": bucket.secret,
            "endpoint_url": endpoint,
            "config_kwargs": {
                "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
                "max_pool_connections": CONNECTIONS,
                "request_checksum_calculation": "when_required",  # other storages do not know the newer kinds; Content-MD5 all do
                "response_checksum_validation": "when_required",
                "s3": {"addressing_style": "path" if endpoint else "auto"},  # few others have a host for each bucket
            },
        }


class _PastEndError(OSError):
    """There is nothing from the position on."""


async def _answer(client: S3FileSystem, method: str, told: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await client._call_s3(method, **told)
    if "Body" in answer:
        async with answer["Body"] as stream:
            return {**answer, "Body": await stream.read()}
    return answer


def _explain(error: BaseException, place: str) -> NoReturn:
    """Say as an error of the operating system what the storage objects to.

    Raises:
        OSError: Always.
    """
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    if not response:
        reason = str(error) or type(error).__name__
        raise OSError(errno.EIO, f"the storage does not answer: {reason}", place) from error
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    code = response["Error"].get("Code", "")
    reason = f"the storage says {code}: {response['Error'].get('Message', '')}".rstrip(": ")
    if status in CONDITION_FAILED:
        raise ChangedError(errno.EBUSY, "somebody else writes to it as well", place) from error
    if code == "NoSuchBucket":
        raise OSError(errno.EIO, "there is no such bucket; make it, or see [archive] folder", place) from error
    if status == 404:
        raise FileNotFoundError(errno.ENOENT, "there is no such object", place) from error
    if status == 416:
        raise _PastEndError(errno.EINVAL, reason, place) from error
    if status in (401, 403):
        raise PermissionError(errno.EACCES, reason, place) from error
    raise OSError(errno.EIO, reason, place) from error
