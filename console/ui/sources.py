"""Keeps PySide6 from reading the source of every module that is imported.

What a newcomer would get wrong: this must be called before anything else of the window is imported, or what
it saves is spent already.
"""


def read_no_sources() -> None:
    """Imports of modules no longer read their sources.

    WORKAROUND(PySide6 6.11): after each import it reads the whole source of the module, to learn whether Qt's
    names may have to be switched to snake_case there (`__feature__`, which Cordon never uses). Twenty
    megabytes of lines stay in memory for that, and the start takes a tenth longer. Seen in
    `shibokensupport/feature.py`; looked at again with each new version of PySide6.
    """
    import PySide6.QtCore  # noqa: F401, PLC0415  # brings shibokensupport with it
    from shibokensupport import feature  # noqa: PLC0415  # not there before

    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _module: False  # noqa: SLF001  # there is no public switch
