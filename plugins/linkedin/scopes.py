"""The permissions that Cordon asks LinkedIn for, and what it cannot do without each.

What a newcomer would get wrong: asking for one more kills every token that was given before, so none is asked
for that is not needed.
"""

from collections.abc import Sequence

SCOPES = {
    "r_organization_social_feed": "read comments",
    "w_organization_social_feed": "answer, like or delete",
    "rw_organization_admin": "hear of what is new, or check the role at the page",
}
"""The permissions that Cordon asks for, and what it cannot do without each."""


def missing_scopes(granted: Sequence[str]) -> list[str]:
    """A sentence for each permission that is missing; none where LinkedIn named none at all."""
    return [
        f"LinkedIn's permission {name} is missing: Cordon cannot {words}. Ask for it, then sign in again."
        for name, words in SCOPES.items()
        if granted and name not in granted
    ]
