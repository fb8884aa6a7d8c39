"""No key, password or token stands in a file that is kept, but those that tests have made up."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.stripe import StripeDetector

ROOT = Path(__file__).parents[1]
IN_AN_ADDRESS = BasicAuthDetector()
FORMS = (
    AWSKeyDetector(),
    DiscordBotTokenDetector(),
    GitHubTokenDetector(),
    GitLabTokenDetector(),
    JwtTokenDetector(),
    NpmDetector(),
    OpenAIDetector(),
    PrivateKeyDetector(),
    PypiTokenDetector(),
    SendGridDetector(),
    SlackDetector(),
    StripeDetector(),
)
OURS = {
    "Anthropic key": re.compile(r"sk-ant-[a-z]+\d\d-[A-Za-z0-9_-]{40,}"),
    "NorthStar token": re.compile(r"pnl_[A-Za-z0-9]{12}_(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43}"),
    "PagerDuty key": re.compile(r"(?i)(?:routing|integration)_key\s*[=:]\s*[\"'][a-f0-9]{32}[\"']"),
}
LEFT_OUT = ("requirements.txt", "requirements-dev.txt")
"""Hashes by the thousand, and nothing else."""
MADE_UP = {
    ("tests/alerts/test_file.py", "Basic Auth Credentials"),
    ("tests/alerts/test_file.py", "Slack Token"),
    ("tests/config/test_addresses.py", "Basic Auth Credentials"),
    ("tests/config/test_secret_settings.py", "Private Key"),
    ("tests/ops/test_doctor.py", "Private Key"),
    ("tests/product/test_postgres.py", "Basic Auth Credentials"),
    ("tests/redis/test_address.py", "Basic Auth Credentials"),
    ("tests/sources/test_http.py", "Basic Auth Credentials"),
    ("tests/store/test_conninfo.py", "Basic Auth Credentials"),
    ("tests/store/test_moving.py", "Basic Auth Credentials"),
    ("tests/store/test_opening.py", "Basic Auth Credentials"),
    ("tests/store/test_postgres.py", "Basic Auth Credentials"),
    ("tests/test_logs.py", "Private Key"),
}
"""What the tests hand to the product as a secret; a kind of secret is let through in that file alone."""


def kept() -> Iterator[tuple[str, str]]:
    """Give every text that git keeps or would keep, by its path; without git, every text of the folders."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=False, text=True, timeout=60)
    here = (str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and not _is_made(path))
    for name in done.stdout.split("\0") if done.returncode == 0 else here:
        try:
            text = (ROOT / name).read_text(encoding="utf-8") if name and Path(name).name not in LEFT_OUT else ""
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):  # a picture; removed; a link to a folder
            continue
        yield name, text


def _is_made(path: Path) -> bool:
    """Whether a file is a tool's, and none that would be kept."""
    return any(part.startswith(".") or part in ("artifacts", "data") for part in path.relative_to(ROOT).parts[:-1])


def kinds(text: str) -> set[str]:
    """Return what kinds of secrets a text holds."""
    found = {form.secret_type for form in FORMS if any(form.analyze_string(text))}
    addresses = (line for line in text.splitlines() if "://" in line and "@" in line)
    passwords = (password for line in addresses for password in IN_AN_ADDRESS.analyze_string(line))
    if any(not password.startswith("{") for password in passwords):  # the name of a variable is none
        found.add(IN_AN_ADDRESS.secret_type)
    return found | {name for name, form in OURS.items() if form.search(text)}


def test_nothing_secret_is_kept() -> None:
    found = {(name, kind) for name, text in kept() for kind in kinds(text)}

    assert found - MADE_UP == set()


def test_what_is_let_through_is_there() -> None:
    found = {(name, kind) for name, text in kept() for kind in kinds(text) if name.startswith("tests/")}

    assert set() == MADE_UP - found


def test_the_kinds_of_keys_that_an_operator_has_are_found() -> None:
    shapes = {
        "Anthropic key": "sk-ant-" + "admin01-" + "a1B2" * 12,
        "NorthStar token": "pnl_" + "abc234XYZ789_" + ("Zz9-" * 11)[:43],
        "PagerDuty key": "routing_" + 'key = "' + "0a" * 16 + '"',
        "Private Key": "-----BEGIN " + "RSA PRIVATE KEY-----",
        "Slack Token": "https://hooks.slack.com/" + "services/T0000/B0000/" + "a" * 24,
        "Stripe Access Key": "rk_" + "live_" + "a1" * 12,
    }

    assert {name: kinds(text) for name, text in shapes.items()} == {name: {name} for name in shapes}
