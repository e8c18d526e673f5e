"""Learn the order of proposals from decisions, look at what was learnt, take it into use or out of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching import learning, rehearsal
from matching.engine.learn import Quality, Trial
from matching.models import OrderModel
from registry.steps import StepRefused


class Command(BaseCommand):
    help = (
        "Learn the order of proposals from decisions. Without an option: what there is to learn from and what is used. "
        "A model that did no better on the later fifth of the decisions is never taken into use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument(
            "--train", action="store_true", help="learn a model, measure it, keep both; it is not used yet"
        )
        act.add_argument("--evaluate", action="store_true", help="print weights and measurement of the newest model")
        act.add_argument(
            "--activate", action="store_true", help="take the newest model into use; all needs are rematched"
        )
        act.add_argument("--deactivate", action="store_true", help="take the model out of use; all needs are rematched")
        act.add_argument(
            "--rehearse", action="store_true", help="decide as the sample's judgements say, learn, measure, undo it all"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["rehearse"]:
                self._trial(rehearsal.rehearse())
            elif options["train"]:
                self._model(learning.train())
            elif options["evaluate"]:
                self._model(self._newest())
            elif options["activate"]:
                self._use("activate", self._newest())
            elif options["deactivate"]:
                self._use("deactivate", learning.active() or self._newest())
            else:
                self._state()
        except (StepRefused, rehearsal.NothingToDecide) as refused:
            raise CommandError(str(refused)) from refused

    def _state(self) -> None:
        held, used = learning.stock(), learning.active()
        self.stdout.write(f"{held.decisions} decisions to learn from, {held.accepted} of them accepted")
        self.stdout.write(f"in use: {used or 'none'}")

    def _newest(self) -> OrderModel:
        newest = OrderModel.objects.first()
        if newest is None:
            raise CommandError("Nothing was learnt yet. Run: manage.py learn --train")
        return newest

    def _use(self, step: str, model: OrderModel) -> None:
        learning.take(step, model)
        self.stdout.write(f"{model} is {model.state}; all open needs are matched again")

    def _model(self, model: OrderModel) -> None:
        trial = model.trial
        self.stdout.write(f"{model}, {model.state}: {model.decisions} decisions")
        self._measured(trial["earlier"], trial["later"], Quality(**trial["without"]), Quality(**trial["with"]))
        for line in learning.in_words(model):
            self.stdout.write(f"{line['weight']:+8.3f}  {line['label']}")
        self.stdout.write("better" if model.better else "not better: it is not used")

    def _trial(self, trial: Trial) -> None:
        self._measured(trial.earlier, trial.later, trial.without, trial.with_model)
        for name, weight in zip(trial.model.names, trial.model.weights, strict=True):
            self.stdout.write(f"{weight:+8.3f}  {learning.LABELS[name]}")
        self.stdout.write("better" if trial.better else "not better")

    def _measured(self, earlier: int, later: int, without: Quality, with_model: Quality) -> None:
        self.stdout.write(
            f"learnt from the earlier {earlier}, measured on the later {later} "
            f"({without.needs} needs, {without.pairs} pairs of one accepted and one rejected)"
        )
        self.stdout.write(f"{'':<10}{'AUC':>8}{'nDCG@10':>9}")
        for label, found in (("without", without), ("with", with_model)):
            self.stdout.write(f"{label:<10}{found.auc:>8.4f}{found.ndcg:>9.4f}")
