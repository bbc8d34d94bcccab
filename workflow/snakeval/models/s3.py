"""Checkpoints on S3: what `s3://bucket/prefix/step-100`, or a pattern of such prefixes, stands for.

The only place that asks a network while the workflow is parsed, and only where a model is named so: once, by
the main process. Address and credentials come from the environment, as boto3 reads it (AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE ...), and go nowhere else.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from snakeval.models.checkpoints import missing_files
from snakeval.models.fingerprint import SUFFIXES
from snakeval.models.names import SCHEME, is_pattern

PLUGIN = "snakemake_storage_plugin_s3"


class S3Error(ValueError):
    """S3 can't be asked, or holds nothing there; the message says what to do."""


class Prefix(NamedTuple):
    """The objects directly below one prefix that a model consists of: URL, digest of its content, names.

    The digest is over names, sizes and ETags, so that a changed object is another content.
    """

    url: str
    digest: str
    names: tuple[str, ...]

    @property
    def lacking(self) -> str | None:
        """What is missing for a complete checkpoint; an object on S3 is never half there."""
        return missing_files(set(self.names))


def prefixes(url: str) -> list[Prefix]:
    """The prefixes that a URL, with or without wildcards, names. Raises S3Error."""
    if importlib.util.find_spec(PLUGIN) is None:
        raise S3Error(
            "models on S3 need Snakeval's optional group s3: pip install -e '.[s3]' in the environment "
            "that runs snakemake"
        )
    # Imported late: only a configuration with such a model needs it.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, path = url.removeprefix(SCHEME).strip("/").partition("/")
    if not bucket or is_pattern(bucket):
        raise S3Error(f"'{url}' names no bucket: s3://bucket/folder, wildcards in folders only")
    try:
        client = boto3.client("s3")
        found = [""]
        for segment in filter(None, path.split("/")):
            found = [below for prefix in found for below in _below(client, bucket, prefix, segment)]
        return [entry for prefix in found if (entry := _prefix(client, bucket, prefix)).names]
    except (BotoCoreError, ClientError) as error:
        raise S3Error(
            f"'{url}' can't be looked at: {error}. The address comes from AWS_ENDPOINT_URL (AWS without it), "
            "credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE"
        ) from None


def _below(client: Any, bucket: str, prefix: str, segment: str) -> Iterator[str]:
    """The prefixes one level below that match; only that level is listed, not what is in them."""
    if not is_pattern(segment):
        yield f"{prefix}{segment}/"
        return
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        for entry in page.get("CommonPrefixes", ()):
            name: str = entry["Prefix"]
            if fnmatchcase(name[len(prefix) : -1], segment):
                yield name


def _prefix(client: Any, bucket: str, prefix: str) -> Prefix:
    objects = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        for entry in page.get("Contents", ()):
            name = entry["Key"][len(prefix) :]
            if PurePosixPath(name).suffix in SUFFIXES and not name.startswith("."):
                objects[name] = f"{name}:{entry['Size']}:{entry['ETag']}"
    names = tuple(sorted(objects))
    digest = hashlib.sha256("\n".join(objects[name] for name in names).encode()).hexdigest()[:16]
    return Prefix(f"{SCHEME}{bucket}/{prefix}".rstrip("/"), f"etags-{digest}", names)
