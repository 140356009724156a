"""Which generated modules import each other in a circle, and so must do it late."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet


def circles(graph: Mapping[str, AbstractSet[str]]) -> dict[str, int]:
    """Answer a number for each node; two nodes have the same number when each reaches the other.

    Tarjan's algorithm, without recursion, since a chain of modules may be longer than the interpreter's stack.
    """
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    stack: list[str] = []
    for root in sorted(graph):
        if root in order:
            continue
        work = [(root, iter(sorted(graph[root])))]
        order[root] = low[root] = len(order)
        stack.append(root)
        while work:
            node, successors = work[-1]
            following = next((other for other in successors if other in graph), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    _close(node, stack, component)
            elif following not in order:
                order[following] = low[following] = len(order)
                stack.append(following)
                work.append((following, iter(sorted(graph[following]))))
            elif following not in component:
                low[node] = min(low[node], order[following])
    return component


def _close(node: str, stack: list[str], component: dict[str, int]) -> None:
    number = len(component)
    while True:
        other = stack.pop()
        component[other] = number
        if other == node:
            return
