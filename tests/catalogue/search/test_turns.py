import threading
import time

import pytest

from catalogue.search.turns import Turns


def wait_until(holds):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "did not happen within 10 s"
        time.sleep(0.001)


class Visitors:
    """Threads that come one after the other, and stay until they are let go."""

    def __init__(self, turns):
        self.turns = turns
        self.inside, self.came_in, self.alone = [], [], {}
        self.may_go = {}
        self.threads = {}

    def send(self, name):
        self.may_go[name] = threading.Event()
        self.threads[name] = threading.Thread(target=self._visit, args=(name,))
        self.threads[name].start()

    def _visit(self, name):
        with self.turns.take() as is_alone:
            self.alone[name] = is_alone
            self.came_in.append(name)
            self.inside.append(name)
            self.may_go[name].wait(10)
            self.inside.remove(name)

    def let_go(self, name):
        self.may_go[name].set()
        self.threads[name].join(10)


def waiting(turns):
    return len(turns._waiting)


def test_threads_come_in_in_the_order_in_which_they_came():
    turns = Turns(1)
    visitors = Visitors(turns)
    for number in range(5):
        visitors.send(number)
        wait_until(lambda number=number: len(visitors.inside) + waiting(turns) == number + 1)
    for number in range(5):
        wait_until(lambda number=number: visitors.inside == [number])
        visitors.let_go(number)
        visitors.send(number + 5)  # comes again at once, and has to wait behind those who were there
        wait_until(lambda number=number: len(visitors.came_in) + waiting(turns) == number + 6)
    for number in range(5, 10):
        wait_until(lambda number=number: visitors.inside == [number])
        visitors.let_go(number)
    assert visitors.came_in == list(range(10))


def test_as_many_are_in_as_there_are_places_and_only_the_first_is_alone():
    turns = Turns(2)
    visitors = Visitors(turns)
    for name in ("a", "b", "c"):
        visitors.send(name)
        wait_until(lambda name=name: name in visitors.inside or waiting(turns) == 1)
    assert sorted(visitors.inside) == ["a", "b"]
    visitors.let_go("b")
    wait_until(lambda: sorted(visitors.inside) == ["a", "c"])
    visitors.let_go("a")
    visitors.let_go("c")
    assert visitors.alone == {"a": True, "b": False, "c": False}
    with turns.take() as is_alone:
        assert is_alone


def test_a_place_is_given_back_by_a_turn_that_fails():
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="alone: True"), turns.take() as is_alone:
            raise ValueError(f"alone: {is_alone}")
