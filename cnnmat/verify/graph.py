"""A lecture as a graph: its lines in the text's order, and which goes on from which.

A row is a section, which is one file of the lecture; so what a line uses stands above it, or
further left.  Lines whose ids differ behind a slash only, 47.1257 and 47.1257/size, are one node.
"""

from __future__ import annotations

import os
import re
from collections import Counter

from cnnmat.texts import one_line, word

__all__ = ["graph"]

#: From the worst; the sign of each, so that no colour is needed to tell them apart.
SIGNS = {"error": "!", "fails": "≠", "misprint": "✗", "ambiguous": "?", "scan": "≈", "not run": "–",
         "holds": "✓", "defines": "≝"}
#: What the drawing is made of, in pixels: its width, that of the sections' names, the height of a
#: node, the distances between nodes and between rows, and the width of a character.
WIDTH, NAMES, HEIGHT, GAP, ROW, CHARACTER = 930, 150, 22, 10, 40, 6.8


def graph(lecture, results, anchors, near):
    """The map of a lecture: what stands where, and the curves between.

    Parameters
    ----------
    lecture : Lecture
    results : sequence of Result
        Its own, without remarks counted.
    anchors : dict
        Where each claim stands on the page, by its id.
    near : dict
        What `neighbours` found.

    Returns
    -------
    dict
        ``slug``, ``title``, ``width``, ``height``; ``sections``, (name, y) each; ``nodes`` with
        ``id``, ``x``, ``y``, ``width``, ``tone``, ``sign``, ``words``, the anchors of their
        ``lines`` and that of the ``worst``; ``edges``, (number of the
        node that is used, of the one that uses it, path).
    """
    tones = {r.claim.id: r.verdict if r.as_expected else "error" for r in results
             if r.verdict != "read"}
    groups = {}
    for id in tones:
        groups.setdefault(id.split("/")[0], []).append(id)
    nodes = [_node(head, ids, tones, anchors) for head, ids in groups.items()]
    rows = _rows(groups, lecture)
    sections = _placed(nodes, rows)
    number = {id: k for k, ids in enumerate(groups.values()) for id in ids}
    pairs = {(number[used], number[id]): None for id in number for used in near[id]["uses"]
             if used in number and number[used] != number[id]}
    return {"slug": lecture.slug, "title": word(lecture.title), "width": WIDTH,
            "height": max(node["y"] for node in nodes) + HEIGHT + GAP if nodes else 0,
            "sections": sections, "nodes": nodes,
            "edges": [(a, b, _curve(nodes[a], nodes[b])) for a, b in pairs]}


def _node(head, ids, tones, anchors):
    """What a node says: the worst verdict of its lines, and how many have each."""
    counts, order = Counter(tones[id] for id in ids), list(SIGNS)
    worst = min(ids, key=lambda id: order.index(tones[id]))
    told = ", ".join(f"{counts[tone]} {tone}" for tone in SIGNS if counts[tone])
    return {"id": one_line(head), "lines": [anchors[id] for id in ids], "worst": anchors[worst],
            "tone": tones[worst], "sign": SIGNS[tones[worst]],
            "words": tones[worst] if len(ids) == 1 else told}


def _rows(groups, lecture):
    """(section, [numbers of its nodes]) in the text's order.

    A node stands where the line itself is, or where most of what goes on from it is.
    """
    files = {id: os.path.splitext(os.path.basename(claim.place[1]))[0] if claim.place else ""
             for id, claim in lecture.claims.items()}
    home = [files[head] if head in ids else Counter(files[id] for id in ids).most_common(1)[0][0]
            for head, ids in groups.items()]
    number = {id: k for k, ids in enumerate(groups.values()) for id in ids}
    rows = {file: {} for file in files.values()}
    for id, file in files.items():
        if id in number and file == home[number[id]]:
            rows[file][number[id]] = None
    several = sum(map(bool, rows.values())) > 1
    return [(_name(file) if several else "", list(row)) for file, row in rows.items() if row]


def _name(file):
    """What a file's name says beside numbers.

    Examples
    --------
    >>> _name("eq1257_1258_pairs_of_maps")
    'pairs of maps'
    """
    words = [one for one in file.split("_") if not re.search(r"\d", one)]
    return one_line(" ".join(words) or file)


def _placed(nodes, rows):
    """Give each node its place; return the names of the sections with theirs."""
    sections, y = [], GAP
    for name, row in rows:
        sections.append((name, y))
        x = NAMES
        for node in (nodes[k] for k in row):
            width = round(CHARACTER * (len(node["id"]) + 2) + 2 * GAP)
            if x + width > WIDTH and x > NAMES:
                x, y = NAMES, y + ROW
            node.update(x=x, y=y, width=min(width, WIDTH - NAMES))
            x += width + GAP
        y += ROW
    return sections


def _curve(used, user):
    """The path from a node to one that uses it: from side to side where both are in one row."""
    (x, right), (left, end) = ((one["x"], one["x"] + one["width"]) for one in (used, user))
    start, target = (x + right) // 2, (left + end) // 2
    if used["y"] == user["y"]:
        top = used["y"]
        return f"M{start} {top}C{start} {top - 14} {target} {top - 14} {target} {top}"
    down = used["y"] < user["y"]
    a = used["y"] + HEIGHT * down
    b = user["y"] + HEIGHT * (not down)
    bend = max(12, abs(b - a) // 2) * (1 if down else -1)
    return f"M{start} {a}C{start} {a + bend} {target} {b - bend} {target} {b}"
