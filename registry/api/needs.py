from registry.api.resources import Resource
from registry.api.rows import Row
from registry.columns import NEED_COLUMNS
from registry.views.needs import NEEDS


class NeedRow(Row):
    columns = NEED_COLUMNS


class NeedAPI(Resource):
    """Needs that you may see."""

    listing, verb, resource, serializer_class = NEEDS, "registry.view_need", "needs", NeedRow
