//! The command line.

pub struct Options {
    pub port: u16,
    pub connections: usize,
    pub seconds: f64,
    pub warm: f64,
    pub answers: usize,
    pub close: bool,
    pub rate: Option<f64>,
    pub pid: Option<u32>,
}

impl Options {
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let port = arguments.next().ok_or("usage: load PORT [OPTIONS] < REQUEST")?;
        let mut options = Self {
            port: port.parse().map_err(|_| format!("PORT is a number, not {port:?}"))?,
            connections: 64,
            seconds: 1.0,
            warm: 0.2,
            answers: 1,
            close: false,
            rate: None,
            pid: None,
        };
        while let Some(name) = arguments.next() {
            if name == "--close" {
                options.close = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
            let wrong = || format!("{name} {value}: that is no number for it");
            match name.as_str() {
                "--connections" => options.connections = value.parse().map_err(|_| wrong())?,
                "--seconds" => options.seconds = value.parse().map_err(|_| wrong())?,
                "--warm" => options.warm = value.parse().map_err(|_| wrong())?,
                "--answers" => options.answers = value.parse().map_err(|_| wrong())?,
                "--rate" => options.rate = Some(value.parse().map_err(|_| wrong())?),
                "--pid" => options.pid = Some(value.parse().map_err(|_| wrong())?),
                _ => return Err(format!("{name} is no option")),
            }
        }
        if options.connections == 0 || options.answers == 0 || !(0.0..=600.0).contains(&options.seconds) {
            return Err("there are at least one connection and one answer, and at most 600 seconds".into());
        }
        Ok(options)
    }
}
