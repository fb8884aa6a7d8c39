"""Where a secret is kept, as a setting's text says it: `aws-sm://name#field`, `vault://mount/path#field`, a file."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["file", "aws-sm", "vault"]

_SHAPE: Final = re.compile(
    r"(?P<kind>aws-sm|vault)://(?P<place>[\w/+=.@:-]{1,512})(#(?P<field>[\w.-]{1,128}))?", re.ASCII
)
CURE: Final = "write aws-sm://name#field or vault://mount/path#field"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is kept.

    Attributes:
        kind: In what.
        place: The path of a file, the name or ARN of a secret, or the mount and path in Vault.
        field: Of a secret that is a JSON object; None for the whole text.
    """

    kind: Kind
    place: str
    field: str | None = None

    def __str__(self) -> str:
        """Return it as a setting's text says it; it tells nothing of the secret."""
        if self.kind == "file":
            return f"file {self.place}"
        return f"{self.kind}://{self.place}" + (f"#{self.field}" if self.field else "")


def reference(text: str) -> Reference | None:
    """Return where a setting's text says that a secret is kept; None if the text is the secret itself.

    Raises:
        ValueError: It begins like a reference, and is none. The text is the cure.

    >>> str(reference("vault://secret/northstar#kalshi"))
    'vault://secret/northstar#kalshi'
    """
    if not text.startswith(("aws-sm://", "vault://")):
        return None
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise ValueError(CURE)
    if found["kind"] == "vault":
        if "/" not in found["place"].strip("/") or not found["field"]:
            raise ValueError("write vault://mount/path#field, such as vault://secret/northstar#kalshi-private-key")
        return Reference("vault", found["place"].strip("/"), found["field"])
    return Reference("aws-sm", found["place"], found["field"])
