"""The report as a folder of pages for a web host: one for each line, its lectures, their errata.

Each page stands alone, with scripts off and from a disk as well; what is searched is a file that
is loaded when somebody searches.  Templates and styles are the report's.
"""

import datetime
import hashlib
import json
import re

from cnnmat import folders
from cnnmat.texts import one_line, printable, word
from cnnmat.verify import html, report, walk

__all__ = ["pages", "stem", "write_site"]

#: A longer name is cut, and told from others by what its id hashes to: file systems allow 255.
LONGEST = 100
#: What is a page of the site's own, and what some file systems keep for devices.
RESERVED = re.compile(r"(index|errata|con|prn|aux|nul|com\d|lpt\d)(?![^.])|\.|$")


def stem(id):
    """The name of a line's page: the same whenever it is made, and no other line's.

    A slash is "_".  A "~" stands before a capital, which some file systems take for the small
    letter, and around the number of a character that is not safe in an address.

    Examples
    --------
    >>> stem("47.1257/V-size"), stem("s84a"), stem("1 ü"), stem("index")
    ('47.1257_~V-size', 's84a', '1~20~~fc~', '~69~ndex')
    """
    name = re.sub(r"[^a-z0-9./-]", _escaped, id).replace("/", "_")
    if RESERVED.match(name):
        name = f"~{ord(name[0]):02x}~{name[1:]}" if name else "~~"
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}~{hashlib.sha256(id.encode()).hexdigest()[:16]}"
    return name


def _escaped(match):
    one = match[0]
    return f"~{one}" if re.fullmatch("[A-Z_]", one) else f"~{ord(one):02x}~"


def pages(lectures, results, date):
    """The files of the site as text, by their names.

    Parameters
    ----------
    lectures : sequence of Lecture
    results : sequence of Result
    date : datetime.date
        What the errata say that they are of.

    Returns
    -------
    dict from str to str
    """
    environment, made = html.environment(), {}
    chapters = [_on_pages(one) for one in html.chapters(lectures, results)]
    common = {"chapters": chapters, "summary": report.summary(results),
              "date": f"{date.day} {date:%B %Y}",
              "kinds": sorted({r.claim.kind for r in results})}

    def render(file, template, **values):
        text = environment.get_template(template).render(
            **common, **values, root="../" * file.count("/"))
        made[file] = printable(text)

    for file in ("style.css", "site.js", "index.html"):
        render(file, {"index.html": "site.html.j2"}.get(file, f"{file}.j2"))
    made["lines.js"], made["walk.html"] = _lines(chapters), walk.page_text()
    for chapter in chapters:
        entries = chapter["entries"]
        for page in ("index", "errata"):
            render(f"{chapter['base']}{page}.html", f"site_{page}.html.j2", c=chapter)
        for before, entry, behind in zip([None, *entries], entries, [*entries[1:], None],
                                         strict=False):
            render(f"{chapter['base']}{chapter['links'][entry['id']]}", "site_line.html.j2",
                   c=chapter, e=entry, before=before, behind=behind)
    return made


def _on_pages(chapter):
    """A chapter of which each line has a page of its own."""
    return {**chapter, "base": f"{chapter['slug']}/", "href": f"{chapter['slug']}/index.html",
            "links": {id: f"{stem(word(id))}.html" for id in chapter["links"]}}


def _lines(chapters):
    """A script that hands over what is searched; a page on a disk may load no data otherwise."""
    lines = [{"lecture": c["slug"], "id": e["id"], "href": c["base"] + c["links"][e["id"]],
              "verdict": e["verdict"], "kind": e["kind"], "bare": e["bare"], "texts": e["texts"],
              "title": one_line(e["title"]), "told": f"{e['first']} {e['told']}".strip()}
             for c in chapters for e in c["entries"]]
    return f"cnnmat.take({json.dumps(lines, separators=(',', ':'))});\n"


def write_site(folder, lectures, results, date=None):
    """Write the site into `folder`, which is new, empty, or a site already.

    Parameters
    ----------
    folder : str or Path
    lectures : sequence of Lecture
    results : sequence of Result
    date : datetime.date, optional
        Of the errata; today's by default.

    Raises
    ------
    ValueError
        If the folder holds files of somebody else's in the way.
    """
    made = pages(lectures, results, date or datetime.date.today())
    folders.fill("DIR", folder, {file: text.encode("utf-8") for file, text in made.items()})
