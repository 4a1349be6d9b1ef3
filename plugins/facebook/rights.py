"""Which rights a sign-in has: what is asked of the network, and what a person is told of it.

What a newcomer would get wrong: an empty list under status 200 is what a missing right looks like here. So
the token's kind and its permissions are asked for, when the account is opened and now and then later.
"""

from dataclasses import dataclass

NETWORK = "Facebook"
READS_POSTS = "pages_read_engagement"
READS_PEOPLE = "pages_read_user_content"
ACTS = "pages_manage_engagement"
MESSAGES = "pages_messaging"
SCOPES = ("pages_show_list", READS_POSTS, READS_PEOPLE, ACTS, MESSAGES)
"""What is asked for in the dialog: https://developers.facebook.com/docs/permissions."""
MODERATES = "MODERATE"
"""The task that a person must have on the Page."""

WHAT_IS_LOST = {
    READS_POSTS: "the Page's own posts cannot be read, and so nothing below them",
    READS_PEOPLE: "what people write on the Page cannot be read: the lists come back empty",
    ACTS: "nothing can be hidden, deleted, answered or liked",
    MESSAGES: "messages to the Page cannot be read, and private replies cannot be sent",
}
NOT_A_PAGE = (
    "This sign-in is a person's and not the Page's: Facebook would answer with empty lists. Sign in again and"
    " choose the Page."
)
CANNOT_TELL = (
    "Cordon cannot ask Facebook which rights this token has, because the app's secret is not there. If"
    " comments are missing, a right may be."
)
NO_TASK = "The person who signed in may not moderate on this Page: ask its administrator for that task."


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of a sign-in's rights."""

    scopes: frozenset[str] | None = None
    """The permissions that it has; None when that cannot be asked."""
    kind: str = ""
    """What the network calls the token: `PAGE`, `USER` and so on; empty when that cannot be asked."""
    tasks: frozenset[str] | None = None
    """What the person may do on the Page; None when nobody said."""
    ends_at: int | None = None
    """When the sign-in ends for good, milliseconds since 1970."""

    def lacks(self, scope: str) -> bool:
        """Whether a permission is known to be missing."""
        return self.scopes is not None and scope not in self.scopes

    @property
    def notices(self) -> list[str]:
        """What a person should know, the weightiest first."""
        found = [NOT_A_PAGE] if self.kind and self.kind != "PAGE" else []
        found += [missing(scope) for scope in WHAT_IS_LOST if self.lacks(scope)]
        if self.tasks is not None and MODERATES not in self.tasks:
            found.append(NO_TASK)
        if self.scopes is None:
            found.append(CANNOT_TELL)
        return found

    @property
    def blindness(self) -> str:
        """Why lists may be empty though there is something; empty text when nothing speaks for it."""
        if self.kind and self.kind != "PAGE":
            return NOT_A_PAGE
        return next((missing(scope) for scope in (READS_POSTS, READS_PEOPLE) if self.lacks(scope)), "")


def missing(scope: str) -> str:
    """A sentence on a right that the sign-in does not have."""
    return f"The right {scope} is missing: {WHAT_IS_LOST[scope]}. Sign in again and leave it ticked."
