//! `microau serve` from the outside: how it begins, what it refuses, how it ends.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use common::microau;

/// A server on a free port; it is killed when the test is over.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_microau"));
        command.arg("serve").args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { child, address }
    }

    /// The answer to a request of HTTP, head and body.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_address_that_others_reach_is_refused_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = microau(["serve", "--host", "0.0.0.0", "--port", "0", "--data-dir", data.to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: expected a token to listen on 0.0.0.0"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: add --token"), "{}", run.stderr);
    assert!(!data.exists());
}

#[test]
fn a_server_says_where_it_is_and_keeps_its_folder_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let server = Running::start(&["--data-dir", data]);
    assert!(server.address.starts_with("127.0.0.1:"), "{}", server.address);
    let page = server.get("/");
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("<title>Micro-AU</title>"), "{page}");
    assert!(server.get("/api/films").ends_with("[]"));

    let second = microau(["serve", "--port", "0", "--data-dir", data]);
    assert_eq!(second.code, 2);
    assert!(second.stderr.starts_with("error: another microau serve is using the folder: "), "{}", second.stderr);

    let port = server.address.rsplit(':').next().unwrap();
    let other = folder.path().join("other");
    let taken = microau(["serve", "--port", port, "--data-dir", other.to_str().unwrap()]);
    assert_eq!(taken.code, 2);
    assert!(taken.stderr.contains("could not listen on") && taken.stderr.contains("hint: "), "{}", taken.stderr);
}

#[test]
#[cfg(unix)]
fn a_server_ends_cleanly_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Running::start(&["--data-dir", folder.path().to_str().unwrap()]);
    // somebody is still listening to what happens
    let mut listening = TcpStream::connect(&server.address).unwrap();
    write!(listening, "GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let mut head = [0; 15];
    listening.read_exact(&mut head).unwrap();
    let told = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
