"""The shapes of Flickr's JSON, as far as we read them.

Fields that we do not know are passed over, and those that may be missing have a default. What a newcomer
would get wrong: it is XML in another dress. Numbers come as texts, a text inside an element is `_content`,
and a list without entries is left out altogether.
Source: https://www.flickr.com/services/api/flickr.reflection.getMethodInfo.html
"""

from typing import Literal

import msgspec


class Wire(msgspec.Struct, frozen=True):
    """A JSON object of theirs."""


class Fail(Wire, frozen=True):
    """What any answer says of itself; `stat` is empty where it is no answer of Flickr's."""

    stat: str = ""
    code: int | str = 0
    message: str = ""


class Done(Wire, frozen=True):
    """Answer of a verb that makes nothing."""

    stat: Literal["ok"]


class Text(Wire, frozen=True):
    """The text inside an element."""

    content: str | int = msgspec.field(default="", name="_content")


# --- Who we are -------------------------------------------------------------------------------


class LoggedIn(Wire, frozen=True):
    """The account of a token."""

    id: str
    username: Text = Text()


class Login(Wire, frozen=True):
    """Answer of `flickr.test.login`."""

    user: LoggedIn


class TokenUser(Wire, frozen=True):
    """The account that a token belongs to."""

    nsid: str
    username: str = ""
    fullname: str = ""


class TokenFacts(Wire, frozen=True):
    """What a token may do: `read`, `write` or `delete`."""

    perms: Text
    user: TokenUser


class Token(Wire, frozen=True):
    """Answer of `flickr.auth.oauth.checkToken`."""

    oauth: TokenFacts


# --- Photos -----------------------------------------------------------------------------------


class Photo(Wire, frozen=True):
    """A photo in a list of photos."""

    id: str
    owner: str = ""
    title: str = ""
    lastupdate: int | str = 0
    dateupload: int | str = 0
    media: str = "photo"
    url_m: str = ""


class PhotoList(Wire, frozen=True):
    """The inside of a list of photos."""

    total: int | str
    page: int | str = 1
    pages: int | str = 1
    photo: list[msgspec.Raw] = []


class Photos(Wire, frozen=True):
    """Answer of `flickr.photos.recentlyUpdated`."""

    photos: PhotoList


class PhotoFacts(Wire, frozen=True):
    """A photo by itself, as far as the number of its comments."""

    comments: Text = Text()


class PhotoInfo(Wire, frozen=True):
    """Answer of `flickr.photos.getInfo`."""

    photo: PhotoFacts


# --- Comments ---------------------------------------------------------------------------------


class Comment(Wire, frozen=True):
    """One comment; its id has three parts."""

    id: str
    author: str
    datecreate: int | str
    authorname: str = ""
    realname: str = ""
    path_alias: str | None = None
    permalink: str = ""
    content: str = msgspec.field(default="", name="_content")


class CommentList(Wire, frozen=True):
    """The inside of a list of comments; without any, `comment` is left out."""

    photo_id: str
    comment: list[msgspec.Raw] = []


class Comments(Wire, frozen=True):
    """Answer of `flickr.photos.comments.getList`."""

    comments: CommentList


class MadeId(Wire, frozen=True):
    """The id of a new comment."""

    id: str


class Made(Wire, frozen=True):
    """Answer of `flickr.photos.comments.addComment`."""

    comment: MadeId
