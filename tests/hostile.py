"""Texts that somebody hostile would write where a name, a title or a parameter is expected."""

from typing import Final

MARKUP: Final = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "<b>bold</b><br>%{y}%{customdata[0]}<extra></extra>",
    "&lt;img src=x onerror=alert(1)&gt;",
)
SCHEMES: Final = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.test/x",
    "[x](javascript:alert(1))",
)
TEMPLATES: Final = ("%{y}", "%{customdata[0]:$,.2f}", "{{7*7}}${7*7}#{7*7}", "%s%n%x", "{0.__class__}", "`${alert(1)}`")
FORMULAS: Final = ("=1+1", "+1+1", "-1+1", "@SUM(1)", '=HYPERLINK("http://evil.test","x")', "\t=1+1", " =1+1", "＝1+1")
CONTROLS: Final = ("\x00nul", "a\x07\x1b[31mred", "a\r\nSet-Cookie: x=y", "\x7f\x85", "\ufeffmark\u200b")
BIDI: Final = ("\u202egnp.exe", "\u2066\u2067\u2068x", "\u200fx\u061c")
OTHERS: Final = (
    "' or 1=1; drop table fill; --",
    "../../../../etc/passwd",
    "__proto__",
    "constructor",
    "e\u0301" * 50,
    "🦊\u200d🦊",
    "9" * 400,
    "a" * 6_000,
)
EVERY: Final = (*MARKUP, *SCHEMES, *TEMPLATES, *FORMULAS, *CONTROLS, *BIDI, *OTHERS)
