"""What the pages cost before anybody asks for one."""

import subprocess
import sys

LEFT_OUT = ("jinja2", "tonearm.web.contexts", "tonearm.web.pages.handlers", "joserfc", "dns")


def test_the_start_imports_the_table_of_pages_and_nothing_behind_it():
    program = (
        "import sys, tonearm.web.pages.routes, tonearm.web.rendering, tonearm.web.errors, tonearm.web.oauth_callback, "
        "tonearm.web.static_files, tonearm.web.rocksky.routes, tonearm.web.rocksky.login, tonearm.web.browser_logins\n"
        f"print([name for name in {LEFT_OUT!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
