"""No figure that can be made of what is published gives a small count away."""

from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.access.rules.suppression import (
    DIMENSIONS,
    LEVELS,
    Cell,
    hide_part,
    hide_small,
    publish_cells,
)

few = st.sampled_from
EVENTS = st.lists(
    st.builds(
        lambda outcome, committee, number, country, sector, year, month: Cell(
            outcome,
            committee,
            f"{committee}-{number}",
            country,
            sector,
            "research",
            year,
            f"{year}-{month}",
        ),
        few(["granted", "rejected"]),
        few(["lakes", "seas"]),
        few("12"),
        few(["SE", "NO", "DE", ""]),
        few(["academic", "company"]),
        few(["2025", "2026"]),
        few(["01", "02"]),
    ),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(1, 7))
def test_published_cells_are_large_disjoint_and_lose_less_than_one_cell(events, smallest):
    counts = Counter(events)
    cells = publish_cells(counts, smallest)
    assert all(cell.count >= smallest for cell in cells)
    assert len({(cell.outcome, *(getattr(cell, name) for name in DIMENSIONS)) for cell in cells}) == len(
        cells
    )
    for outcome in ("granted", "rejected"):
        true = sum(count for event, count in counts.items() if event.outcome == outcome)
        told = sum(cell.count for cell in cells if cell.outcome == outcome)
        assert true - told in range(smallest)


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(2, 7), st.data())
def test_two_figures_where_one_holds_the_other_differ_by_nothing_or_enough(events, smallest, data):
    cells = publish_cells(Counter(events), smallest)

    def narrow(chosen, names):
        for name in names:
            value = data.draw(few(sorted({str(getattr(cell, name)) for cell in cells} or {""})))
            chosen = [cell for cell in chosen if str(getattr(cell, name)) == value]
        return chosen

    wide = narrow(cells, data.draw(st.lists(few(DIMENSIONS), max_size=2)))
    narrower = narrow(wide, data.draw(st.lists(few(DIMENSIONS), max_size=2)))
    difference = sum(cell.count for cell in wide) - sum(cell.count for cell in narrower)
    assert difference == 0 or difference >= smallest


def test_a_small_country_hides_in_the_pool_and_not_behind_a_total():
    events = Counter()
    for country, number in (("SE", 20), ("NO", 3), ("DE", 4)):
        events[Cell("granted", "lakes", "d1", country, "academic", "research", "2026", "2026-01")] = number
    cells = publish_cells(events, 5)
    assert [(cell.country, cell.count) for cell in cells] == [(None, 7), ("SE", 20)]


def test_each_level_tells_less_and_the_last_tells_nothing():
    assert LEVELS[0] == set(DIMENSIONS)
    assert LEVELS[-1] == set()
    assert all(level <= LEVELS[0] for level in LEVELS)
    # A level that is within an earlier one may follow it; one that holds an earlier one could never.
    assert not [(a, b) for a, b in combinations(LEVELS, 2) if a < b]


def test_a_part_is_hidden_when_the_rest_is_small():
    assert [hide_small(count, 5) for count in (0, 1, 4, 5)] == [0, None, None, 5]
    assert hide_part(6, 8, 5) is None
    assert hide_part(6, 6, 5) == 6
    assert hide_part(6, 11, 5) == 6
    assert hide_part(2, 20, 5) is None
