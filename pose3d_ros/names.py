"""Names: what people are called, the same for nobody else."""

import random
import string

__all__ = ['Names']


class Names:
    """Gives each new person a name; cameras that share one of these never give the same."""

    def __init__(self, generator: random.Random) -> None:
        """Take the letters from a generator."""
        self._generator = generator
        self._given: set[str] = set()

    def new(self) -> str:
        """Return five lower-case letters (REP-155) that were not returned before."""
        while True:
            name = ''.join(self._generator.choices(string.ascii_lowercase, k=5))
            if name not in self._given:
                self._given.add(name)
                return name
