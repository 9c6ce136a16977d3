"""Domains: a ROS domain of one's own, among all demos and tests on this machine."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ['reserved_domain']

_DOMAINS = range(1, 101)
_PORT = 32768  # plus the domain: whoever holds that port has the domain, as in domain_coordinator


@contextmanager
def reserved_domain() -> Iterator[int]:
    """Yield a ROS_DOMAIN_ID that nobody else has reserved.

    Raises:
        OSError: All are taken.
    """
    for domain in random.sample(_DOMAINS, len(_DOMAINS)):
        with socket.socket() as place:
            try:
                place.bind(('127.0.0.1', _PORT + domain))
            except OSError:
                continue
            yield domain
            return
    message = f'all ROS domains from {_DOMAINS[0]} to {_DOMAINS[-1]} are taken'
    raise OSError(message)
