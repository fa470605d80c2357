import io

from catalogue.management.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bar_tells_how_far_how_fast_and_how_long():
    out, times = Terminal(), iter([0.0, 10.0, 10.05, 40.0])
    bar = ProgressBar("search", out=out, clock=lambda: next(times))
    for done in (250, 260, 1000):  # the second comes too soon to be drawn
        bar(done, 1000)
    first, second = out.getvalue().split("\r")[1:]
    assert first == "search [#######                       ] 250 of 1000, 25/s, 0:30 left "
    assert second == f"search [{'#' * 30}] 1000 of 1000, 25/s, 0:00 left \n"


def test_log_has_a_line_for_each_tenth():
    out = io.StringIO()
    bar = ProgressBar("search", out=out)
    for done in range(1, 1001):
        bar(done, 1000)
    assert len(out.getvalue().splitlines()) == 11
