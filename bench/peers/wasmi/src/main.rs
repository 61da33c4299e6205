//! wasmi with fuel as a contestant: requests and answers of bench/contest/protocol.ts, a line of JSON each.

use serde_json::{json, Value};
use std::io::{BufRead, Write};
use std::time::Instant;
use wasmi::{Config, Engine, Instance, Linker, Module, Store, Val};

/// Enough for any contest: fuel is counted, and never runs out.
const FUEL: u64 = 1 << 62;

type Failure = Box<dyn std::error::Error>;

fn load(bytes: &[u8]) -> Result<(Store<()>, Instance), Failure> {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, bytes)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(FUEL)?;
    let mut linker = <Linker<()>>::new(&engine);
    linker.func_wrap("bench", "add", |value: i32| value.wrapping_add(1))?;
    linker.func_wrap("env", "abort", |_: i32, _: i32, _: i32, _: i32| {})?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    Ok((store, instance))
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn answer(loaded: &mut Option<(Store<()>, Instance)>, request: &Value) -> Result<Value, Failure> {
    match request["do"].as_str() {
        Some("load") => {
            let bytes = std::fs::read(request["file"].as_str().ok_or("no file")?)?;
            let start = Instant::now();
            *loaded = Some(load(&bytes)?);
            Ok(json!({ "ms": [milliseconds(start)], "result": "" }))
        }
        Some("call") => {
            let (store, instance) = loaded.as_mut().ok_or("no module")?;
            let name = request["name"].as_str().ok_or("no name")?;
            let argument = request["arg"].as_i64().ok_or("no argument")? as i32;
            let times = request["times"].as_i64().ok_or("no times")?;
            let for_ms = request["forMs"].as_f64().ok_or("no time")?;
            let function = instance.get_func(&*store, name).ok_or("no such function")?;
            let mut results = [Val::I32(0)];
            let begin = Instant::now();
            let mut ms = Vec::new();
            loop {
                let start = Instant::now();
                for _ in 0..times {
                    function.call(&mut *store, &[Val::I32(argument)], &mut results)?;
                }
                ms.push(milliseconds(start));
                if milliseconds(begin) >= for_ms {
                    let result = match &results[0] {
                        Val::F64(value) => f64::from(*value).to_string(),
                        value => value.i32().ok_or("a result of another type")?.to_string(),
                    };
                    return Ok(json!({ "ms": ms, "result": result }));
                }
            }
        }
        _ => Err("wasmi runs modules only".into()),
    }
}

fn main() {
    let mut out = std::io::stdout();
    let mut say = |value: Value| {
        writeln!(out, "{value}").and_then(|()| out.flush()).expect("the other end reads");
    };
    say(json!({ "version": "wasmi 2.0.0" }));
    let mut loaded = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("requests are text");
        let request: Value = serde_json::from_str(&line).expect("requests are JSON");
        say(answer(&mut loaded, &request).unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
}
