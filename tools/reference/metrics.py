"""Reference numbers for src/ser/metrics, from scikit-learn and SciPy. Writes test/fixtures/metrics.json.

Run from the project's root: python tools/reference/metrics.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, bootstrap
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
    roc_curve,
    top_k_accuracy_score,
)
from sklearn.neighbors import NearestCentroid

CLASSES = 7
BINS = 15


def case(name, seed, n, strength, missing=(), unpredicted=(), rounded=None):
    """A random problem; `missing` classes never occur, `unpredicted` ones are never chosen, `rounded` scores make ties."""
    missing = set(range(CLASSES)) - {missing} if isinstance(missing, int) else missing
    rng = np.random.default_rng(seed)
    truth = rng.choice([c for c in range(CLASSES) if c not in missing], n)
    logits = rng.normal(size=(n, CLASSES))
    logits[np.arange(n), truth] += strength
    logits[:, list(unpredicted)] -= 100
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    if rounded is not None:
        p = np.round(p, rounded)
    predicted = p.argmax(1)
    labels = list(range(CLASSES))
    per_class = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    seen = sorted(set(truth) | set(predicted))
    averages = {
        kind: list(precision_recall_fscore_support(truth, predicted, labels=seen, average=kind, zero_division=0)[:3])
        for kind in ("macro", "weighted")
    }
    auc = [
        None if (truth == c).all() or not (truth == c).any() else float(roc_auc_score(truth == c, p[:, c])) for c in labels
    ]
    # A curve needs clips of the class and others.
    curve = roc_curve(truth == truth[0], p[:, truth[0]], drop_intermediate=False) if len(set(truth)) > 1 else None
    macro_auc = None
    if len(set(truth)) == CLASSES and rounded is None:
        macro_auc = float(roc_auc_score(truth, p, multi_class="ovr", average="macro", labels=labels))
    confidence, correct = p.max(1), predicted == truth
    # scikit-learn gives the bins that are not empty, in order, without saying how many clips are in each.
    fraction_right, mean_confidence = calibration_curve(correct, confidence, n_bins=BINS, strategy="uniform")
    inside = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)
    filled = sorted(set(inside.tolist()))
    counts = np.array([(inside == b).sum() for b in filled])
    error = float((counts * np.abs(fraction_right - mean_confidence)).sum() / n)
    wilson = binomtest(int(correct.sum()), n).proportion_ci(0.95, "wilson")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that do not occur in the truth
        balanced = balanced_accuracy_score(truth, predicted)
    return {
        "name": name,
        "truth": truth.tolist(),
        "probabilities": p.tolist(),
        "predicted": predicted.tolist(),
        "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "accuracy": float(accuracy_score(truth, predicted)),
        "uar": float(balanced),
        "perClass": [[float(v) for v in row] for row in zip(*per_class)],
        "macro": [float(v) for v in averages["macro"]],
        "weighted": [float(v) for v in averages["weighted"]],
        "auc": auc,
        # None where scikit-learn refuses: a class without clips, or rows that rounding keeps from summing to 1.
        "macroAuc": macro_auc,
        "rocClass": int(truth[0]),
        "rocFalsePositive": None if curve is None else curve[0].tolist(),
        "rocTruePositive": None if curve is None else curve[1].tolist(),
        # scikit-learn breaks ties by index the other way round, so only tie-free cases carry this figure.
        "top2": None if rounded is not None else float(top_k_accuracy_score(truth, p, k=2, labels=labels)),
        "calibrationError": error,
        "reliability": [
            [b, int(count), float(confident), float(right)]
            for b, count, confident, right in zip(filled, counts, mean_confidence, fraction_right)
        ],
        "wilson": [float(wilson.low), float(wilson.high)],
    }


def centroids():
    rng = np.random.default_rng(11)
    means = rng.normal(size=(CLASSES, 5))
    labels, test_labels = rng.integers(0, CLASSES, 60), rng.integers(0, CLASSES, 40)
    train, test = means[labels] + rng.normal(size=(60, 5)), means[test_labels] + rng.normal(size=(40, 5))
    predicted = NearestCentroid().fit(train, labels).predict(test)
    return {
        "train": train.tolist(),
        "labels": labels.tolist(),
        "test": test.tolist(),
        "testLabels": test_labels.tolist(),
        "predicted": predicted.tolist(),
        "accuracy": float((predicted == test_labels).mean()),
    }


cases = [
    case("a fair classifier", 1, 211, 1.5),
    case("a class that never occurs", 2, 97, 2.0, missing=[6]),
    case("a class that is never predicted", 3, 97, 1.0, unpredicted=[4]),
    case("a class that neither occurs nor is predicted", 4, 61, 1.0, missing=[2], unpredicted=[2]),
    case("scores with many ties", 5, 131, 1.0, rounded=1),
    case("chance", 6, 53, 0.0),
    case("a single clip", 7, 1, 1.0),
    case("clips of one class only", 8, 23, 0.5, missing=3),
    case("all right and very sure", 9, 40, 60.0),
]


def intervals():
    """SciPy's percentile bootstrap, over clips and over groups of clips."""
    rng = np.random.default_rng(12)
    n, speakers = 240, 12
    speaker = np.arange(n) % speakers
    truth = rng.integers(0, 4, n)
    # Some voices are harder than others.
    right = rng.random(n) < np.linspace(0.4, 0.95, speakers)[speaker]
    predicted = np.where(right, truth, (truth + rng.integers(1, 4, n)) % 4)

    def accuracy(index):
        return (truth[index] == predicted[index]).mean()

    def uar(index):
        return balanced_accuracy_score(truth[index], predicted[index])

    def draw(units, statistic):
        drawn = bootstrap(
            (np.arange(len(units)),),
            lambda i: statistic(np.concatenate([units[k] for k in i])),
            n_resamples=5000, method="percentile", vectorized=False, rng=np.random.default_rng(13),
        )
        return [float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)]

    clips = [np.array([i]) for i in range(n)]
    groups = [np.flatnonzero(speaker == s) for s in range(speakers)]
    return {
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "speakers": speaker.tolist(),
        "clips": {"accuracy": draw(clips, accuracy), "uar": draw(clips, uar)},
        "groups": {"accuracy": draw(groups, accuracy), "uar": draw(groups, uar)},
    }


target = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "metrics.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps({"cases": cases, "centroids": centroids(), "intervals": intervals()}) + "\n")
