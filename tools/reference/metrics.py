"""Reference numbers for src/ser/metrics, from scikit-learn and SciPy. Writes test/fixtures/metrics.json.

Run from the project's root: python tools/reference/metrics.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
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


def case(name, seed, n, strength, missing=(), unpredicted=(), rounded=None):
    """A random problem; `missing` classes never occur, `unpredicted` ones are never chosen, `rounded` scores make ties."""
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
    curve = roc_curve(truth == truth[0], p[:, truth[0]], drop_intermediate=False)
    confidence, correct = p.max(1), predicted == truth
    error = 0.0
    for low, high in zip(np.arange(10) / 10, np.arange(1, 11) / 10):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - correct[inside].mean())
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
        "rocClass": int(truth[0]),
        "rocFalsePositive": curve[0].tolist(),
        "rocTruePositive": curve[1].tolist(),
        # scikit-learn breaks ties by index the other way round, so only tie-free cases carry this figure.
        "top2": None if rounded is not None else float(top_k_accuracy_score(truth, p, k=2, labels=labels)),
        "calibrationError": float(error),
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
]
target = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "metrics.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps({"cases": cases, "centroids": centroids()}) + "\n")
