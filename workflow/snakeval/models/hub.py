"""The Hugging Face hub's errors, said in terms of what the user can do about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class HubError(ValueError):
    """The hub has no such thing, or does not give it to us; the message says which and what to do."""


class HubUnreachableError(HubError):
    """Nobody answered: no network, HF_HUB_OFFLINE, or the hub is down. The cache may still help."""


@contextmanager
def explained(name: str, revision: str | None) -> Iterator[None]:
    """Turn what huggingface_hub raises inside the block into HubError or HubUnreachableError.

    `name` says what was asked for, as in "model 'Qwen/Qwen3-32B'".
    """
    # Imported late: it costs 0.3 s, and a local model or data set never needs it.
    from huggingface_hub import errors

    at = f" at revision '{revision}'" if revision else ""
    try:
        yield
    except errors.GatedRepoError as error:
        raise HubError(
            f"{name} is gated: accept its terms on huggingface.co, then set HF_TOKEN to that account's token"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise HubError(f"{name} has no revision '{revision}' (a branch, tag or full commit hash)") from error
    except errors.RepositoryNotFoundError as error:
        raise HubError(
            f"{name} is not on the Hugging Face hub, or is private: check the spelling, or set HF_TOKEN"
        ) from error
    except errors.HFValidationError as error:
        raise HubError(f"{name} is no folder here and no hub name of the form 'organisation/name'") from error
    except errors.LocalEntryNotFoundError as error:
        raise HubUnreachableError(
            f"{name}{at} is not in the Hugging Face cache and the hub can't be reached: "
            "download it where there is a network, unset HF_HUB_OFFLINE, or give a local folder"
        ) from error
    except errors.EntryNotFoundError as error:
        raise HubError(f"{name}{at} lacks a file: {error}") from error
    except (errors.HTTPError, OSError) as error:
        raise HubUnreachableError(f"{name}{at}: the Hugging Face hub can't be reached: {error}") from error
