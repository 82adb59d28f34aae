"""Check an installed wheel: it imports, carries its types and its licence."""

from importlib.metadata import files, version
from importlib.resources import files as resources

import crmbridge

installed = {path.name for path in files("crmbridge") or ()}

if not resources("crmbridge").joinpath("py.typed").is_file():
    raise SystemExit("The wheel lacks py.typed.")
if "LICENSE" not in installed:
    raise SystemExit("The wheel lacks its licence.")
if not crmbridge.__doc__:
    raise SystemExit("The package has no docstring.")
print(f"The wheel of crmbridge {version('crmbridge')} installs and imports.")
