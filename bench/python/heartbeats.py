"""Sends heartbeats like a Python runtime: in one thread, with a new client for each heartbeat.

Usage: heartbeats.py URL MILLISECONDS [tls]. Prints the requests per second, and the CPU time of one in microseconds.
With `tls`, each client also creates a TLS context, as an HTTP client library does even for http URLs. Standard library
only.
"""

import http.client
import json
import ssl
import sys
import time
from urllib.parse import urlsplit

url, milliseconds = sys.argv[1], float(sys.argv[2])
with_tls = sys.argv[3:] == ["tls"]
host = urlsplit(url).netloc
headers = {
    "Origin": url,
    "Authorization": "Bearer token-0000000000000000000000000000000000000",
    "User-Agent": "x-heartbeat/0.0.0",
}
body = {
    "workspace_id": "agent-0",
    "error_rate": 0,
    "sample_error": "",
    "active_tasks": 0,
    "uptime_seconds": 60,
    "current_task": "",
    "monthly_spend": 0,
    "runtime_state": "",
    "runtime_metadata": {},
}


def heartbeat():
    if with_tls:
        ssl.create_default_context()
    client = http.client.HTTPConnection(host, timeout=10)
    try:
        sent = {**headers, "Content-Type": "application/json"}
        client.request("POST", "/registry/heartbeat", json.dumps(body), sent)
        json.loads(client.getresponse().read())
        client.request("GET", "/workspaces/agent-0/delegations", headers=headers)
        json.loads(client.getresponse().read())
    finally:
        client.close()


heartbeat()
heartbeats = 0
started, cpu = time.monotonic(), time.process_time()
while (time.monotonic() - started) * 1000 < milliseconds:
    heartbeat()
    heartbeats += 1
print(json.dumps({
    "requestsPerSecond": 2 * heartbeats / (time.monotonic() - started),
    "cpuMicroseconds": (time.process_time() - cpu) * 1e6 / (2 * heartbeats),
}))
