"""How the report looks: its style sheet (for light, dark and paper), its one drawing, and the small pieces of its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from convcourse.operations.report.data import Unit
from convcourse.operations.report.findings import Findings

BINS = 10
MOST_NAMED = 12  # students in a sentence

STYLE = """
:root{--ink:#1f1f1f;--quiet:#5a5a5a;--line:#d6d6d6;--paper:#fff;--card:#f6f7f8;--link:#0b57a4;--hint:#fff6d9;
--right:#2f7d4f;--partly:#c98a00;--wrong:#b23a32;--undone:#8a8a8a;--mark:#5b6abf}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--quiet:#a9a9a9;--line:#444;--paper:#17191c;--card:#212529;--link:#8ab8f0;
--hint:#3a3312;--right:#4fae78;--partly:#d9a441;--wrong:#e0756c;--undone:#8f8f8f;--mark:#97a2ea}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem 1.25rem 4rem}
h1{margin:.2rem 0;font-size:1.6rem;overflow-wrap:anywhere}
h2{margin:2.2rem 0 .5rem;font-size:1.2rem}h3{margin:0 0 .2rem;font-size:1.02rem}
p{margin:.4rem 0;max-width:60rem}a{color:var(--link)}small{color:var(--quiet)}td>small{display:block;min-width:12rem}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.88em}code{overflow-wrap:anywhere}
td code{overflow-wrap:normal}
pre{background:var(--card);border:1px solid var(--line);border-radius:4px;padding:.6rem .8rem;overflow-x:auto;margin:.3rem 0}
.quiet{color:var(--quiet)}.big{font-size:2rem;font-weight:600;line-height:1}
.first{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,6fr);gap:1rem;margin-top:1rem}
.first section{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.4rem 1.1rem 1rem}
.first h2{margin:.6rem 0}.first ol{margin:0;padding-left:1.3rem}.first li{margin:.35rem 0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
thead th{color:var(--quiet);font-weight:600}tbody th{font-weight:400}.n{text-align:right;white-space:nowrap}
.sign{text-align:center;padding:.35rem .2rem;min-width:1.6rem}.bar{min-width:14rem;width:40%}
.stack{display:flex;height:1.3rem;border-radius:3px;overflow:hidden}
.stack span{color:var(--paper);font-size:.8rem;text-align:center;line-height:1.3rem;overflow:hidden;
min-width:0;border-right:1px solid var(--paper)}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .35em 0 .6em}
.right{background:var(--right)}.partly{background:var(--partly)}.wrong{background:var(--wrong)}
.not-done{background:var(--undone)}.to-mark{background:var(--mark)}
.right-text{color:var(--right)}.partly-text{color:var(--partly)}.wrong-text{color:var(--wrong)}
.not-done-text{color:var(--undone)}.to-mark-text{color:var(--mark)}
.exercise{border-top:1px solid var(--line);padding:.9rem 0 .3rem}.slip{margin:.4rem 0 1rem}
.hint{background:var(--hint);border-radius:4px;padding:.3rem .6rem}tr:target{background:var(--hint)}
svg{display:block;width:100%;height:auto;margin-top:.6rem}svg text{fill:var(--quiet);font-size:12px}svg rect{fill:var(--link)}
svg line{stroke:var(--line)}
@media (max-width:760px){.first{grid-template-columns:minmax(0,1fr)}main{padding:.6rem .8rem 3rem}th,td{padding:.3rem .4rem}
.bar{min-width:9rem}}
@media print{body{font-size:10.5pt}main{max-width:none;padding:0}a{color:inherit;text-decoration:none}pre{white-space:pre-wrap}
tr,.slip,.first section{break-inside:avoid}h2,h3{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def histogram(points: Sequence[float], possible: float) -> str:
    """How many have how many points, in tenths of what can be had, as SVG."""
    counts = [0] * BINS
    for each in points:
        counts[max(0, min(BINS - 1, int(BINS * each / possible)))] += 1
    width, height, step = 480, 150, 46
    drawn = ""
    for place, count in enumerate(counts):
        tall = 100 * count / max(counts)
        low, high = possible * place / BINS, possible * (place + 1) / BINS
        drawn += f"<g><title>{low:g} to {high:g} points: {count}</title>"
        drawn += f"<rect x='{12 + place * step}' y='{120 - tall:.1f}' width='{step - 5}' height='{tall:.1f}' rx='2'/>"
        if count:
            drawn += f"<text x='{12 + place * step + (step - 5) / 2}' y='{114 - tall:.1f}' text-anchor='middle'>{count}</text>"
        drawn += "</g>"
    for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end")):
        x = 12 + share * (BINS * step - 5)
        drawn += f"<text x='{x}' y='137' text-anchor='{anchor}'>{possible * share:g}{' points' if share == 1 else ''}</text>"
    words = ", ".join(str(count) for count in counts)
    label = f"Students by points, in tenths from 0 to {possible:g}: {words}"
    return (
        f"<svg viewBox='0 0 {width} {height}' role='img' aria-label='{label}'>{drawn}"
        "<line x1='10' y1='120.5' x2='470' y2='120.5'/></svg>"
    )


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], empty: str) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not lines:
        return f"<p>{empty}</p>"
    head = "".join(f"<th>{word}</th>" for word in heads)
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"


def who(unit: Unit, students: Sequence[str]) -> str:
    """Their ids, each a link to its line in the table of everybody; names are left out on purpose, and so is a long tail."""
    place = {handed.student: number for number, handed in enumerate(unit.handed)}
    links = ", ".join(f"<a href='#s{place[student]}'>{escape(student)}</a>" for student in students[:MOST_NAMED])
    more = len(students) - MOST_NAMED
    return f"{links} and {many(more, 'other')}" if more > 0 else links


def anchor(one: Findings) -> str:
    return f"e-{escape(one.asked.name)}"


def css_class(words: str) -> str:
    return words.replace(" ", "-")


def in_words(mistake: str) -> str:
    return escape(mistake.replace("_", " "))


def many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def marked(text: str) -> str:
    """Escaped, and what stands between backticks as code."""
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(escape(text).split("`")))
