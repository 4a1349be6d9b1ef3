"""Cordon at the parish notice board, an invented network: the whole of a connector in one module."""
