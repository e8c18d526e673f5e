from registry.api.resources import Resource
from registry.api.rows import Row
from registry.columns import FIRM_COLUMNS
from registry.views.firms import FIRMS


class FirmRow(Row):
    columns = FIRM_COLUMNS


class FirmAPI(Resource):
    """Suppliers that you may see. Contact persons are in the offices' files, not here."""

    listing, verb, resource, serializer_class = FIRMS, "registry.view_firm", "firms", FirmRow
