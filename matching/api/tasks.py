"""Tasks as offices and firms read them."""

from matching.task_list import TASK_COLUMNS
from matching.views.todo import TASKS
from registry.api.resources import Resource
from registry.api.rows import Row


class TaskRow(Row):
    columns = TASK_COLUMNS


class TaskAPI(Resource):
    """Tasks that you may see; without `state` the open ones."""

    listing, verb, resource, serializer_class = TASKS, "matching.view_task", "tasks", TaskRow
