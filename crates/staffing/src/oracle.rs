//! Slow and plain second ways to the same numbers, for tests: birth and death state by state, and a caller's wait by
//! uniformisation. They share no formula with the code that they check.

/// Long-run numbers of M/M/n+M, from the balance of its states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct States {
    pub(crate) waiting: f64,
    pub(crate) abandoned: f64,
    pub(crate) queue_length: f64,
    pub(crate) answered_within: f64,
    pub(crate) abandoned_within: f64,
    pub(crate) answered_late: f64,
    pub(crate) asa_s: f64,
}

/// The probabilities of 0, 1, 2 ... calls in the system: `weight(k) = weight(k - 1) lambda / (min(k, n) mu + (k - n)+ theta)`.
pub(crate) fn probabilities(calls_per_s: f64, handling_s: f64, servers: u32, patience_s: f64, most: u32) -> Vec<f64> {
    let mut logs = vec![0.0_f64];
    for k in 1..=most {
        let leaving = f64::from(k.min(servers)) / handling_s + f64::from(k.saturating_sub(servers)) / patience_s;
        let last = logs[logs.len() - 1];
        logs.push(last + (calls_per_s / leaving).ln());
    }
    let peak = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - peak).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// All numbers for at least one server. The states are cut at `most`, the threshold is in seconds.
pub(crate) fn states(calls_per_s: f64, handling_s: f64, servers: u32, patience_s: f64, threshold_s: f64, most: u32) -> States {
    let chances = probabilities(calls_per_s, handling_s, servers, patience_s, most);
    let n = servers as usize;
    let queued = |k: usize| (k - n) as f64;
    let waiting: f64 = chances[n..].iter().sum();
    let queue_length: f64 = (n..chances.len()).map(|k| queued(k) * chances[k]).sum();
    let abandoned = queue_length / patience_s / calls_per_s;
    let tagged = Tagged { serving: f64::from(servers) / handling_s, leaving: 1.0 / patience_s };
    let (served, gone) = tagged.by(threshold_s, &chances[n..]);
    let asa_s = tagged.answered_wait(&chances[n..]) / (1.0 - abandoned);
    States {
        waiting,
        abandoned,
        queue_length,
        answered_within: 1.0 - waiting + served,
        abandoned_within: gone,
        answered_late: waiting - abandoned - served,
        asa_s,
    }
}

/// A caller behind `j` others: they leave at `serving + j leaving`, she herself gives up at `leaving`, and with none ahead she is
/// answered at `serving`.
struct Tagged {
    serving: f64,
    leaving: f64,
}

impl Tagged {
    /// The probabilities to be answered, and to have given up, by a time, for a start behind `j` others with probability `start[j]`.
    fn by(&self, time_s: f64, start: &[f64]) -> (f64, f64) {
        // Uniformisation: jumps come at one rate, and a Poisson number of them falls into the time.
        let rate = self.serving + self.leaving * (start.len() as f64 + 1.0);
        let mut here = start.to_vec();
        let (mut served, mut gone) = (0.0, 0.0);
        let (mut served_by, mut gone_by) = (0.0, 0.0);
        let mean = rate * time_s;
        let mut ln_poisson = -mean;
        let mut jumps = 0.0;
        loop {
            let poisson = ln_poisson.exp();
            served_by += poisson * served;
            gone_by += poisson * gone;
            if jumps > mean && poisson < 1e-17 {
                return (served_by, gone_by);
            }
            let mut next = vec![0.0; here.len()];
            for (ahead, chance) in here.iter().enumerate() {
                let forward = (self.serving + ahead as f64 * self.leaving) / rate;
                let give_up = self.leaving / rate;
                if ahead == 0 {
                    served += chance * forward;
                } else {
                    next[ahead - 1] += chance * forward;
                }
                gone += chance * give_up;
                next[ahead] += chance * (1.0 - forward - give_up);
            }
            here = next;
            jumps += 1.0;
            ln_poisson += (mean / jumps).ln();
        }
    }

    /// The expected wait of those who are answered, zero for the others.
    fn answered_wait(&self, start: &[f64]) -> f64 {
        // Behind j others the next change comes at rate r_j = serving + (j + 1) leaving; she stays with chance p_j. With s_j the
        // chance to be answered and w_j the expected wait if answered, w_j = s_j / r_j + p_j w_(j-1).
        let (mut stays, mut wait, mut total) = (1.0, 0.0, 0.0);
        for (ahead, chance) in start.iter().enumerate() {
            let forward = self.serving + ahead as f64 * self.leaving;
            let rate = forward + self.leaving;
            stays *= forward / rate;
            wait = stays / rate + forward / rate * wait;
            total += chance * wait;
        }
        total
    }
}
