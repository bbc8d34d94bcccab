"""What uv, pip and Debian's venv print when they fail, as they printed it; shortened."""

from __future__ import annotations

UV_NONE = """error: No solution found when resolving dependencies
  cause: Because there is no version of torch==2.13.0+cpu and you require torch==2.13.0+cpu, we can"""
UV_NAME = (
    "cause: Because nosuch was not found in the package registry and you require nosuch==1.0, we can conclude"
)
UV_ABI = (
    "cause: Because torch==2.13.0+cpu has no wheels with a matching Python ABI tag (e.g., `cp312`) and you"
)
UV_NET = """  cause: Failed to fetch: http://127.0.0.1:9/simple/torch/
  cause: error sending request for url (http://127.0.0.1:9/simple/torch/)
  cause: Connection refused (os error 111)"""
PIP_NONE = "ERROR: No matching distribution found for uv==0.0.1.dev99"
PIP_NET = f"""WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('...: Failed
to establish a new connection: [Errno 111] Connection refused')': /simple/uv/
{PIP_NONE}"""
FULL = "error: Failed to extract archive: torch\n  cause: No space left on device (os error 28)"
DEBIAN = "The virtual environment was not created successfully because ensurepip is not available."
