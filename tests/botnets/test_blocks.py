"""Blocks of graphs, against their definition."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from lymer.botnets.blocks import blocks


def graph(size: int, edges: list[tuple[int, int]]) -> list[list[int]]:
    near: list[set[int]] = [set() for _ in range(size)]
    for one, other in edges:
        if one != other:
            near[one].add(other)
            near[other].add(one)
    return [sorted(nodes) for nodes in near]


def joined(near: list[list[int]], one: int, other: int, without: int) -> bool:
    """Whether a way leads from one node to the other that avoids a third."""
    seen, ahead = {one}, [one]
    while ahead:
        for node in near[ahead.pop()]:
            if node not in seen and node != without:
                seen.add(node)
                ahead.append(node)
    return other in seen


def test_two_triangles_with_a_corner_in_common() -> None:
    near = graph(5, [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)])
    assert blocks(near) == [[0, 1, 2], [2, 3, 4]]


def test_a_chain_comes_apart_and_a_ring_does_not() -> None:
    assert blocks(graph(4, [(0, 1), (1, 2), (2, 3)])) == [[0, 1], [1, 2], [2, 3]]
    assert blocks(graph(4, [(0, 1), (1, 2), (2, 3), (3, 0)])) == [[0, 1, 2, 3]]
    assert blocks(graph(2, [])) == []


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16))
def test_by_definition(edges: list[tuple[int, int]]) -> None:
    near = graph(8, edges)
    found = blocks(near)
    for one, other in combinations(range(8), 2):
        together = any(one in block and other in block for block in found)
        whole = other in near[one] or (
            joined(near, one, other, -1)
            and all(joined(near, one, other, third) for third in {*range(8)} - {one, other})
        )
        assert together == whole
    for block in found:
        assert len(block) > 1


def test_a_long_chain_needs_no_deep_stack() -> None:
    assert len(blocks(graph(5000, [(n, n + 1) for n in range(4999)]))) == 4999
