"""Forks of a process that has loaded the code of a service."""

import gc
import os
import signal
import socket
import sys

import orjson


def fork_on_request() -> bool:
    """Fork a process for every socket that is sent over standard input, until that ends.

    A fork has its socket as standard input and standard output, and writes its number first.

    Returns:
        Whether this is a fork; the process itself comes back only at the end of its input.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a fork: its socket says all
    # The pages of what was loaded stay shared as long as nobody writes into them.
    gc.collect()
    gc.freeze()
    requests = socket.socket(fileno=os.dup(0))
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
        if not request:
            return False
        (tasks,) = descriptors
        if os.fork() == 0:
            break
        os.close(tasks)
    requests.close()
    for standard in (0, 1):
        os.dup2(tasks, standard)
    os.close(tasks)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdout.buffer.write(orjson.dumps({"pid": os.getpid()}) + b"\n")
    sys.stdout.buffer.flush()
    return True
