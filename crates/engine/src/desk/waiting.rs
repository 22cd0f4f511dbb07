//! Forecasts that came before the request they were made for: topics are read in any order.

use std::collections::{BTreeMap, VecDeque};

use fika_model::RequestId;
use fika_model::forecast::QueueForecast;

/// Requests for which forecasts are kept. A forecast that was dropped is found again by looking on the bus.
const MOST_REQUESTS: usize = 64;

/// Forecasts by request, of the requests heard of last.
#[derive(Debug, Default)]
pub(super) struct Orphans {
    forecasts: BTreeMap<RequestId, Vec<QueueForecast>>,
    order: VecDeque<RequestId>,
}

impl Orphans {
    pub(super) fn keep(&mut self, request: RequestId, forecast: QueueForecast) {
        let kept = self.forecasts.entry(request.clone()).or_default();
        if kept.is_empty() {
            self.order.push_back(request);
        }
        kept.retain(|known| known.queue != forecast.queue);
        kept.push(forecast);
        if self.order.len() > MOST_REQUESTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.forecasts.remove(&oldest);
        }
    }

    pub(super) fn take(&mut self, request: &RequestId) -> Vec<QueueForecast> {
        self.order.retain(|known| known != request);
        self.forecasts.remove(request).unwrap_or_default()
    }
}
