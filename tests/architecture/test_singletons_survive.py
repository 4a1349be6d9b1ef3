"""PySide6 leaves Python's own objects alone.

PySide6 6.12.0 drops one reference from `True` at every signal a Python slot receives, and from
`None` at some overrides; before Python 3.12 the program then dies after some thousand events. This
runs with the tests, and so at each upgrade. Nothing else would show it until a long night.
"""

import subprocess
import sys
from importlib.metadata import version

SCRIPT = """
import sys
from PySide6.QtCore import QAbstractListModel, QCoreApplication, QObject, QTimer, Signal

class Bell(QObject):
    rang = Signal(int)

class Rows(QAbstractListModel):
    def rowCount(self, parent=None):
        return 3
    def data(self, index, role=0):
        return None

app = QCoreApplication([])
bell, rows, heard = Bell(), Rows(), []
bell.rang.connect(heard.append)
bell.rang.connect(lambda number: None)

def strike(times):
    for number in range(times):
        bell.rang.emit(number)
        rows.index(0, 0).data()
        rows.setObjectName(str(number))

strike(10)
heard.clear()
before = sys.getrefcount(True), sys.getrefcount(None)
strike(1000)
heard.clear()
after = sys.getrefcount(True), sys.getrefcount(None)
print(after[0] - before[0], after[1] - before[1])
"""


def test_a_thousand_signals_take_no_reference_from_true_or_none() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    drift = [abs(int(word)) for word in done.stdout.split()]
    assert max(drift) < 100, f"references drifted by {done.stdout.strip()} in 1,000 signals"


def test_qasync_still_has_the_one_hook_that_our_loop_overrides() -> None:
    script = (
        "from PySide6 import QtCore, QtWidgets; import inspect, qasync; "
        "print(list(inspect.signature(qasync.QEventLoop._add_callback).parameters))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['self', 'handle', 'delay']"
    assert version("qasync") == "0.28.0"
