"""Laws of handing over the newest items."""

import threading

from pose3d_ros.ros.mailroom import Mailroom

DEADLINE_S = 10.0


def test_of_each_sender_the_newest_item_is_taken_and_who_waited_longest_comes_first() -> None:
    mailroom: Mailroom[str, int] = Mailroom()
    assert not mailroom.put('a', 1)
    assert not mailroom.put('b', 2)
    assert mailroom.put('a', 3)
    items = mailroom.take(DEADLINE_S)
    assert items is not None
    assert [*items.items()] == [('a', 3), ('b', 2)]


def test_who_sends_much_takes_nobody_elses_place() -> None:
    mailroom: Mailroom[str, int] = Mailroom()
    mailroom.put('slow', 0)
    for index in range(1000):
        mailroom.put('fast', index)
    assert mailroom.take(DEADLINE_S) == {'slow': 0, 'fast': 999}


def test_nothing_is_taken_twice() -> None:
    mailroom: Mailroom[str, int] = Mailroom()
    mailroom.put('a', 1)
    assert mailroom.take(DEADLINE_S) == {'a': 1}
    assert mailroom.take(timeout_s=0.0) == {}


def test_who_waits_is_told_when_something_comes_and_when_the_room_closes() -> None:
    mailroom: Mailroom[str, int] = Mailroom()
    taken: list[dict[str, int] | None] = []
    thread = threading.Thread(target=lambda: taken.extend((mailroom.take(), mailroom.take())))
    thread.start()
    mailroom.put('a', 1)
    mailroom.close()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert taken[-1] is None
    assert mailroom.take() is None
