"""Creates a request's headers like a Python client: environment variables, and the token from a cache.

For each line of stdin, prints the nanoseconds per call, averaged over many calls.
"""

import os
import sys
import time

_cached_token = os.environ["MOLECULE_WORKSPACE_TOKEN"]
_tokens_by_workspace = {}


def auth_headers(workspace_id=None):
    headers = {}
    platform_url = os.environ.get("PLATFORM_URL", "").strip()
    if platform_url:
        headers["Origin"] = platform_url
    token = _tokens_by_workspace.get(workspace_id) or _cached_token
    if token:
        headers["Authorization"] = f"Bearer {token}"
    org_id = os.environ.get("MOLECULE_ORG_ID", "").strip()
    if org_id:
        headers["X-Molecule-Org-Id"] = org_id
    return headers


CALLS = 20_000

for _ in sys.stdin:
    started = time.perf_counter_ns()
    for _ in range(CALLS):
        auth_headers()
    print((time.perf_counter_ns() - started) / CALLS, flush=True)
