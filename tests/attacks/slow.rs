//! Clients that send as slowly as they can. Others do not notice, and each slow one is closed when its time is over.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::child::{Child, requests_for};
use crate::crowd::{Member, all, run, yield_to_others};
use crate::figures::{size, tell, tell_time};

const LIMITS: &str = "head_timeout=3000 body_timeout=3000 connections=5000";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A byte of a field now and then.
    Head,
    /// One byte of a body, and nothing more.
    Stuck,
    /// A chunk of a byte now and then: no pause is too long.
    Dribbling,
}

impl Kind {
    fn start(self) -> &'static str {
        match self {
            Self::Head => "GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            Self::Stuck => "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx",
            Self::Dribbling => "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        }
    }

    fn goes_on(self) -> &'static str {
        match self {
            Self::Head => "x",
            Self::Stuck => "",
            Self::Dribbling => "1\r\nx\r\n",
        }
    }

    /// How long the server lets it. The rate of a body is judged after 5 s.
    fn due(self) -> Duration {
        Duration::from_secs(if self == Self::Dribbling { 5 } else { 3 })
    }

    /// How late it is closed, which must not be early.
    async fn attack(self, address: SocketAddr, begin: Duration) -> Duration {
        tokio::time::sleep(begin).await;
        let began = Instant::now();
        let mut client = Member::connect(address).await.expect("the server accepts");
        client.send(self.start()).await.expect("the server reads");
        let sent = Instant::now();
        let answer = loop {
            match tokio::time::timeout(Duration::from_secs(1), client.answer()).await {
                Ok(answer) => break answer.expect("an answer before the end"),
                // It may be closed just now.
                Err(_) => drop(client.send(self.goes_on()).await),
            }
        };
        let late = sent.elapsed().saturating_sub(self.due());
        assert_eq!(answer.summary(), "408 close FW_ERR_REQUEST_TIMEOUT");
        // A server that is behind with its clock may be a little early: half a tick is no such thing.
        assert!(began.elapsed() + Duration::from_millis(125) >= self.due(), "closed after {:?}", began.elapsed());
        assert!(client.is_closed().await);
        late
    }
}

#[test]
fn heads_and_bodies_that_do_not_end() {
    let slow = size(300, 2000);
    let server = Child::start(LIMITS);
    let address = server.address;
    let mut normal = server.client();
    requests_for(&mut normal, Duration::from_millis(200));
    let quiet = requests_for(&mut normal, Duration::from_secs(size(1, 5) as u64));
    let kinds = [Kind::Head, Kind::Stuck, Kind::Head, Kind::Dribbling];
    let before = server.time();
    let (attacked, late) = std::thread::scope(|scope| {
        let attack = scope.spawn(|| {
            // The attackers would be other machines: their work is not to be what the normal client waits for.
            yield_to_others();
            // They come one after the other within a second: a flood is another attack.
            let attack = |at: usize| kinds[at % 4].attack(address, Duration::from_secs(1) * at as u32 / slow as u32);
            run(all((0..slow).map(attack)))
        });
        let attacked = requests_for(&mut normal, Duration::from_secs(7));
        (attacked, attack.join().expect("no panic"))
    });
    let late = late.into_iter().max().unwrap_or_default();
    let used = server.time() - before;
    tell(format_args!(
        "slow: {slow} clients, {} requests of a normal one beside them, {used:?} of the server's processor time",
        attacked.0
    ));
    tell_time(format_args!("slow: p99 {:.2?} quiet, beside them", quiet.1), attacked.1, quiet.1 * 2);
    tell_time("slow: the last 408 behind its time", late, Duration::from_millis(500));
    let counts = server.counts(&mut normal);
    for (kind, share) in [("head_timeouts", 2), ("body_timeouts", 1), ("bodies_too_slow", 1)] {
        assert_eq!(counts[kind], (slow / 4 * share) as u64, "{kind}");
    }
    server.wait_until_alone(&mut normal);
}
