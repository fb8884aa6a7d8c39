"""What the page of a panel says: the policy in its headers, and its wishes in its head."""

import re


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def metas(text: str) -> dict[str, str]:
    return dict(re.findall(r'<meta name="pnl:([a-z]+)" content="([^"]*)">', text))
