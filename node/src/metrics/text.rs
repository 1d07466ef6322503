//! The text format of Prometheus: a sentence, a kind, then values.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::known::{KNOWN, Kind, Metric};
use super::timings::{BOUNDS, Timed};

/// Values of metrics on their way to a watcher.
#[derive(Debug, Default)]
pub struct Exposition(BTreeMap<&'static str, Vec<(Option<String>, Value)>>);

#[derive(Debug)]
enum Value {
    Number(f64),
    Times(Timed),
}

impl Exposition {
    /// The value of a metric without a label.
    pub fn set(&mut self, metric: Metric, value: f64) {
        self.add(metric, None, Value::Number(value));
    }

    /// The same, of a whole number.
    #[allow(clippy::cast_precision_loss)] // exact up to 2^53
    pub fn count(&mut self, metric: Metric, value: u64) {
        self.set(metric, value as f64);
    }

    /// The value of a metric at one value of its label.
    #[allow(clippy::cast_precision_loss)] // exact up to 2^53
    pub fn labelled(&mut self, metric: Metric, label: &str, value: u64) {
        self.add(metric, Some(label), Value::Number(value as f64));
    }

    /// The times of a metric, at one value of its label if it has one.
    pub fn times(&mut self, metric: Metric, label: Option<&str>, times: Timed) {
        self.add(metric, label, Value::Times(times));
    }

    fn add(&mut self, metric: Metric, label: Option<&str>, value: Value) {
        debug_assert_eq!(metric.label.is_some(), label.is_some(), "{}", metric.name);
        debug_assert_eq!(metric.kind == Kind::Histogram, matches!(value, Value::Times(_)));
        self.0.entry(metric.name).or_default().push((label.map(str::to_owned), value));
    }

    /// The text. What has no value is not told.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for metric in KNOWN {
            let Some(values) = self.0.get(metric.name) else { continue };
            let Metric { name, kind, help, .. } = metric;
            // Writing into a String cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {}\n", kind.word());
            for (label, value) in values {
                let label = metric.label.zip(label.as_deref());
                match value {
                    Value::Number(number) => line(&mut text, name, &[label], *number),
                    Value::Times(times) => histogram(&mut text, name, label, times),
                }
            }
        }
        text
    }
}

type Label<'a> = Option<(&'a str, &'a str)>;

fn line(text: &mut String, name: &str, labels: &[Label], value: f64) {
    let told: Vec<String> =
        labels.iter().flatten().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let labels = if told.is_empty() { String::new() } else { format!("{{{}}}", told.join(",")) };
    let _ = writeln!(text, "{name}{labels} {value}");
}

#[allow(clippy::cast_precision_loss)] // exact up to 2^53
fn histogram(text: &mut String, name: &str, label: Label, times: &Timed) {
    let bucket = format!("{name}_bucket");
    let mut sum = 0;
    for (bound, count) in BOUNDS.iter().zip(times.within) {
        sum += count;
        let bound = bound.to_string();
        line(text, &bucket, &[label, Some(("le", &bound))], sum as f64);
    }
    let count = times.count() as f64;
    line(text, &bucket, &[label, Some(("le", "+Inf"))], count);
    line(text, &format!("{name}_sum"), &[label], times.seconds());
    line(text, &format!("{name}_count"), &[label], count);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::known;
    use super::super::timings::Timings;
    use super::*;

    #[test]
    fn a_metric_is_told_with_its_sentence_its_kind_and_its_values() {
        let mut told = Exposition::default();
        told.labelled(known::MEETINGS, "settled", 3);
        told.labelled(known::MEETINGS, "broken", 0);
        told.count(known::PRACTICES, 71);
        assert_eq!(
            told.render(),
            "# HELP tern_practices Practices held.\n\
             # TYPE tern_practices gauge\n\
             tern_practices 71\n\
             # HELP tern_meetings_total Meetings with other nodes, by how they ended.\n\
             # TYPE tern_meetings_total counter\n\
             tern_meetings_total{outcome=\"settled\"} 3\n\
             tern_meetings_total{outcome=\"broken\"} 0\n"
        );
    }

    #[test]
    fn classes_of_a_histogram_include_those_below() {
        let timings = Timings::default();
        timings.note(Duration::from_millis(4));
        timings.note(Duration::from_secs(20));
        let mut told = Exposition::default();
        told.times(known::VISITS, Some("2xx"), timings.read());
        let text = told.render();
        for line in [
            "tern_http_request_seconds_bucket{status=\"2xx\",le=\"0.001\"} 0",
            "tern_http_request_seconds_bucket{status=\"2xx\",le=\"0.005\"} 1",
            "tern_http_request_seconds_bucket{status=\"2xx\",le=\"10\"} 1",
            "tern_http_request_seconds_bucket{status=\"2xx\",le=\"+Inf\"} 2",
            "tern_http_request_seconds_sum{status=\"2xx\"} 20.004",
            "tern_http_request_seconds_count{status=\"2xx\"} 2",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
