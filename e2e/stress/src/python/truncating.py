"""Truncates the file, then writes it, as the Python module does. Same arguments and output as writer.ts."""

import base64
import errno
import hashlib
import os
import sys

LENGTHS = [43, 1500, 16384]


def token_of(n, sizes):
    length = LENGTHS[n % (2 if sizes == "within a page" else 3)]
    fill = "s3cr3t-" + base64.urlsafe_b64encode(hashlib.sha256(f"{n}/{length}".encode()).digest()).decode().rstrip("=")
    return f"{n}.{fill * (length // len(fill) + 1)}"[:length]


def save(directory, token):
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, ".auth_token")
    with open(path, "w") as file:
        file.write(token)
    os.chmod(path, 0o600)


def attempt(directory, n, sizes):
    try:
        save(directory, token_of(n, sizes))
    except OSError as error:
        return say("!" + errno.errorcode.get(error.errno, "unknown"))
    say(str(n))


def say(answer):
    try:
        os.write(1, (answer + "\n").encode())
    except OSError:
        sys.exit()


def become_user(uid):
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def main(arguments):
    options = {"--uid": "", "--sizes": "all"}
    for option in options:
        if option in arguments:
            at = arguments.index(option)
            options[option] = arguments[at + 1]
            del arguments[at : at + 2]
    if options["--uid"]:
        become_user(int(options["--uid"]))
    say("ready")
    if arguments[0] == "loop":
        first, last = int(arguments[2]), float(arguments[3]) if len(arguments) > 3 else float("inf")
        while first <= last:
            attempt(arguments[1], first, options["--sizes"])
            first += 1
    else:
        for line in iter(sys.stdin.readline, ""):
            n, directory = line.rstrip("\n").split(" ", 1)
            attempt(directory, int(n), options["--sizes"])


main(sys.argv[1:])
