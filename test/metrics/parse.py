"""Reads OpenMetrics from stdin with Prometheus' own Python parser; prints each sample as one line of JSON."""
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        exemplar = sample.exemplar and [sample.exemplar.labels, sample.exemplar.value, float(sample.exemplar.timestamp)]
        value = sample.value if isinstance(sample.value, (int, float)) else str(sample.value)
        print(json.dumps([family.name, family.type, family.unit, sample.name, sample.labels, value, exemplar]))
