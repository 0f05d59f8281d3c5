"""Cuts the power: for each line, a directory, shuts down its ext4 without flushing the journal (EXT4_IOC_SHUTDOWN)."""

import fcntl
import os
import struct
import sys

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2

for line in iter(sys.stdin.readline, ""):
    directory = os.open(line.rstrip("\n"), os.O_RDONLY)
    fcntl.ioctl(directory, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    os.close(directory)
    os.write(1, b"down\n")
