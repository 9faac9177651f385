"""The sections of the report below its first screen, each a piece of HTML."""

from __future__ import annotations

from html import escape
from statistics import median
from urllib.parse import quote

from convcourse.grading.table import duration, remarks
from convcourse.operations.report.data import Handed, Unit, outcome
from convcourse.operations.report.findings import FOLLOWS, MUCH_BELOW, OTHERS, Findings, Slip, shift, to_talk_to, tried
from convcourse.operations.report.html import anchor, css_class, in_words, many, marked, table, who
from convcourse.operations.report.similar import RULE, alike, as_published

SIGNS = {"right": "✔", "partly": "◐", "wrong": "✘", "not done": "○", "to mark": "?"}
LONGEST_EXAMPLE = 40  # lines


def exercises_section(unit: Unit, found: list[Findings]) -> str:
    rows = ""
    for one in found:
        slip = next((slip for slip in one.slips if slip.name not in OTHERS), None)
        common = f"{in_words(slip.name)} ({len(slip.students)})" if slip else ""
        title = f"<a href='#{anchor(one)}'>{marked(one.asked.title)}</a><br><code>{escape(one.asked.name)}</code>"
        mean = f"{one.mean_score:.3g} of {one.asked.max_score:g}"
        rows += f"<tr><td>{title}</td><td class='bar'>{_bar(one)}</td><td class='n'>{mean}</td><td>{common}</td></tr>"
    key = "".join(f"<span class='key {css_class(words)}'></span>{words} " for words in _used(found))
    return (
        f"<h2 id='exercises'>The exercises</h2><p class='quiet'>{key}· share of the {len(unit.graded)} graded students</p>"
        "<div class='wide'><table><thead><tr><th>exercise</th><th>how it came out</th><th class='n'>mean score</th>"
        f"<th>commonest mistake (students)</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _used(found: list[Findings]) -> list[str]:
    return [words for words in SIGNS if words != "to mark" or any(one.counts[words] for one in found)]


def _bar(one: Findings) -> str:
    total = sum(one.counts.values())
    parts = ""
    for words, count in one.counts.items():
        if count:
            share = 100 * count / total
            parts += (
                f"<span class='{css_class(words)}' style='width:{share:.2f}%' title='{words}: {count} of {total}'>{count}</span>"
            )
    words = ", ".join(f"{words} {100 * count / total:.0f} %" for words, count in one.counts.items() if count)
    return f"<div class='stack' aria-hidden='true'>{parts}</div><small>{words}</small>"


def exercise_section(unit: Unit, one: Findings) -> str:
    shares = ", ".join(f"{count} {words}" for words, count in one.counts.items() if count)
    body = "".join(_slip(unit, slip) for slip in one.slips) or "<p class='quiet'>Nothing came out wrong.</p>"
    return (
        f"<section class='exercise' id='{anchor(one)}'><h3>{marked(one.asked.title)} <code>{escape(one.asked.name)}</code></h3>"
        f"<p class='quiet'>{shares}; mean {one.mean_score:.3g} of {one.asked.max_score:g} points</p>{body}</section>"
    )


def _slip(unit: Unit, slip: Slip) -> str:
    count = many(len(slip.students), "student")
    head = f"<p><b>{in_words(slip.name)}</b>, {count}: {who(unit, slip.students)}</p>"
    head += f"<p class='hint'><b>Hint that they got.</b> {marked(slip.hint)}</p>" if slip.hint else ""
    if slip.name == FOLLOWS or not slip.example.strip():
        return f"<div class='slip'>{head}</div>"
    lines = slip.example.strip("\n").splitlines()
    more = f"\n… and {len(lines) - LONGEST_EXAMPLE} more lines" if len(lines) > LONGEST_EXAMPLE else ""
    shown = "\n".join(line[:400] for line in lines[:LONGEST_EXAMPLE]) + more
    return (
        f"<div class='slip'>{head}<p class='quiet'>For example {who(unit, [slip.by])} wrote</p><pre>{escape(shown)}</pre></div>"
    )


def students_section(unit: Unit) -> str:
    rows = [(who(unit, [handed.student]), "; ".join(map(escape, why))) for handed, why in to_talk_to(unit)]
    rule = (
        "Who has not been graded, who left two or more exercises at the end undone, and who is at least "
        f"{100 * MUCH_BELOW:.0f} of 100 points below what the other units let expect."
    )
    if any(handed.elsewhere is not None for handed in unit.graded):
        rule += f" What the class as a whole gained or lost against its other units (here {100 * shift(unit):+.0f}) is taken off."
    return f"<h2 id='students'>Students to look at</h2><p class='quiet'>{rule}</p>{table(('student', 'why'), rows, 'Nobody.')}"


def tried_section(unit: Unit) -> str:
    rows = [(who(unit, [handed.student]), "<br>".join(map(escape, notes))) for handed, notes in tried(unit)]
    rule = (
        "Code that no exercise asks for, and test cells that were changed. The released tests were used in any case, and "
        "the judge stands outside the process in which student code runs. What stands here is no proof of bad intent."
    )
    plain = ", ".join(f"<code>{escape(asked.name)}</code>" for asked in unit.asked if not asked.exercise)
    rule += f" Test cells of your own run in the student's process, where they can be tampered with: {plain}." if plain else ""
    noted = table(("student", "what the grader noted"), rows, "Nothing.")
    return f"<h2 id='tried'>What was tried</h2><p class='quiet'>{rule}</p>{noted}"


def alike_section(unit: Unit) -> str:
    rows = [
        (
            who(unit, group.students),
            ", ".join(f"<code>{escape(n)}</code>{' (wrong)' if n in group.wrong else ''}" for n in group.exercises),
        )
        for group in alike(unit)
    ]
    solution = as_published(unit)
    copied = sorted(solution, key=lambda student: -len(solution[student]))
    most = f" (up to {many(len(solution[copied[0]]), 'exercise')} each)" if copied else ""
    published = f"<p>The published solution itself{most}: {who(unit, copied)}.</p>" if copied else ""
    unknown = "" if any(asked.published for asked in unit.asked) else " There is no solved notebook here to compare with."
    return (
        "<h2 id='alike'>Equal answers</h2><p><b>A question, not a verdict.</b></p>"
        f"<p class='quiet'>{RULE}{unknown}</p>{table(('students', 'same answer in'), rows, 'None.')}{published}"
    )


def late_section(unit: Unit) -> str:
    late = sorted((h for h in unit.graded if h.result.seconds_late > 0), key=lambda h: -h.result.seconds_late)
    rows = [(who(unit, [h.student]), duration(h.result.seconds_late), f"−{h.penalty:g}" if h.penalty else "none") for h in late]
    return f"<h2 id='late'>Late</h2>{table(('student', 'late by', 'points taken off'), rows, 'Nobody.')}"


def time_section(unit: Unit) -> str:
    timed = sorted(((h.seconds, h.student) for h in unit.graded if h.seconds is not None), reverse=True)
    if not timed:
        return "<h2 id='time'>Time</h2><p>How long grading took was not kept: it was done by stock nbgrader.</p>"
    seconds = [each for each, _ in timed]
    longest = ", ".join(f"{who(unit, [student])} {each:.2g} s" for each, student in timed[:3])
    return (
        f"<h2 id='time'>Time</h2><p>{sum(seconds):.3g} s for {many(len(seconds), 'submission')}, "
        f"{median(seconds):.2g} s the middle one. The longest: {longest}.</p>"
        "<p class='quiet'>Kept is the time of a submission as a whole (to rebuild it, run its cells, judge and record it), not "
        "that of single exercises. Who was graded first has the start of the warm server in it.</p>"
    )


def everybody_section(unit: Unit) -> str:
    rows = ""
    for number, handed in enumerate(unit.handed):
        cells = "".join(_sign(unit, handed, place) for place in range(len(unit.asked)))
        score = f"{handed.points:g}" if handed.graded else "—"
        name = escape(handed.student)
        if handed.student in unit.feedback:
            name = f"<a href='../feedback/{quote(handed.student)}/{quote(unit.name)}/{quote(unit.name)}.html'>{name}</a>"
        words = f"<small>{'<br>'.join(map(escape, remarks(handed.result)))}</small>"
        rows += f"<tr id='s{number}'><th scope='row'>{name}</th><td class='n'>{score}</td>{cells}<td>{words}</td></tr>"
    heads = "".join(f"<th class='sign'>{number}</th>" for number in range(1, len(unit.asked) + 1))
    key = ", ".join(f"{number} {escape(asked.name)}" for number, asked in enumerate(unit.asked, start=1))
    signs = "  ".join(f"{sign} {words}" for words, sign in SIGNS.items())
    return (
        f"<h2 id='everybody'>Everybody</h2><p class='quiet'>{signs}<br>{key}</p><div class='wide'><table><thead><tr>"
        f"<th>student</th><th class='n'>of {unit.max_score:g}</th>{heads}<th>what happened</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _sign(unit: Unit, handed: Handed, place: int) -> str:
    if not handed.graded:
        return "<td class='sign'></td>"
    words = outcome(unit.asked[place], handed)
    return f"<td class='sign {css_class(words)}-text' title='{escape(unit.asked[place].name)}: {words}'>{SIGNS[words]}</td>"
