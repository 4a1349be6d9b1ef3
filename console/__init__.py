"""Cordon: watch and moderate what the public says on a force's own social media accounts.

The rooms are stacked: `ui` over `services` over `desk` over `store`, `matching` and `api` over
`domain`; `bootstrap` joins them. What a newcomer would get wrong: importing this package does
nothing and must do nothing, so that the command line starts quickly and plugins can be read
without side effects.
"""

__version__ = "0.1.0"
